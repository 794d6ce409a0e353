"""The site of ``deploy/compose.yaml``: its file, and its services as processes of this machine behind each proxy."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml
from opentelemetry.sdk import environment_variables as opentelemetry
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat_client import ChatClient
from chatsite import settings as site
from motorhead import config as memory_server
from openai_standin import config as stand_in
from tests.ai_sdk.sockets import SOON, Socket, send_frame, user_message
from tests.support.compose import DEPLOY, PORTS, Composition, environment, services
from tests.support.nginx import NGINX
from tests.support.ports import until
from tests.support.postgresql import running_postgresql
from tests.support.servers import PATIENCE, REPOSITORY, Server, free_port, running, start, wait_for_port
from tests.support.tls import Certificates, make_certificates

ROLES = ("memory-1", "memory-2", "model", "web-1", "web-2")
SETTINGS = {
    "CHAT_DOMAIN": "chat.example.org",
    "DJANGO_SECRET_KEY": "of-all-workers",
    "MOTORHEAD_TOKEN": "of-the-memory",
    "VALKEY_PASSWORD": "of-valkey",
    "POSTGRES_PASSWORD": "of-postgresql",
}
#: The keys of a service that Compose knows and this project uses: it refuses any other, or ignores a misspelt one.
KEYS = {
    *("build", "cap_add", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init"),
    *("networks", "ports", "profiles", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs"),
    *("user", "volumes"),
}
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period", "start_interval"}


def test_the_file_has_only_keys_and_names_that_exist() -> None:
    """Of services, health checks, networks, volumes, and services that another waits for."""
    text = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert {key for key in text if not key.startswith("x-")} == {"name", "services", "networks", "volumes"}
    for service in text["services"].values():
        assert set(service) <= KEYS
        assert set(service.get("healthcheck", {})) <= HEALTH_KEYS
        assert set(service.get("networks", ())) <= set(text["networks"])
        assert set(service.get("depends_on", ())) <= set(text["services"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", ()) if volume[0] not in "./"}
        assert named <= set(text["volumes"])


def test_the_variables_of_each_role_are_its_programs() -> None:
    """Every one is read by the site, by the memory server, or by OpenTelemetry."""
    known = {one.name for each in (site, memory_server, stand_in) for one in each.variables()}
    known |= {value for name, value in vars(opentelemetry).items() if name.startswith("OTEL_")}
    for name in ROLES:
        assert set(services(SETTINGS)[name].get("environment", ())) <= known


def test_every_setting_is_in_the_example() -> None:
    """Its reader sees all that there is to set."""
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    offered = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert used == offered


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("CHAT_SIGN_UP", {"web-1": "CHAT_SIGN_UP", "web-2": "CHAT_SIGN_UP"}),
        ("CHAT_LOG", {"web-1": "CHAT_LOG", "web-2": "CHAT_LOG", "memory-2": "MOTORHEAD_LOG", "model": "STANDIN_LOG"}),
        ("CHAT_METRICS_TOKEN", {"web-1": "CHAT_METRICS_TOKEN", "web-2": "CHAT_METRICS_TOKEN"}),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", {"web-1": "OTEL_EXPORTER_OTLP_ENDPOINT"}),
        ("OTEL_EXPORTER_OTLP_HEADERS", {"web-1": "OTEL_EXPORTER_OTLP_HEADERS"}),
        ("OTEL_TRACES_SAMPLER", {"web-2": "OTEL_TRACES_SAMPLER"}),
    ],
)
def test_a_setting_reaches_the_programs_that_have_it(name: str, roles: dict[str, str]) -> None:
    """Compose passes on what the file names, and nothing else."""
    found = services({**SETTINGS, name: "canary"})
    for role, variable in roles.items():
        assert found[role]["environment"][variable] == "canary"


def test_the_example_starts_the_stand_in() -> None:
    """By the profile that its service has, where nobody has a key."""
    offered = re.findall(r"^# (\w+)=(.*)$", (DEPLOY / "example.env").read_text(), re.MULTILINE)
    found = services({**SETTINGS, **dict(offered)})
    assert dict(offered)["COMPOSE_PROFILES"] in found["model"]["profiles"]
    assert found["web-1"]["environment"]["OPENAI_BASE_URL"] == f"http://model:{PORTS['model']}/v1"


def test_a_database_that_is_being_made_is_not_healthy() -> None:
    """The image's server for that listens to a socket alone, and the site connects by TCP."""
    assert "-h 127.0.0.1" in services(SETTINGS)["postgres"]["healthcheck"]["test"][1]


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_secret_that_is_not_set_is_refused(missing: str) -> None:
    """No container starts with an empty password or key."""
    with pytest.raises(KeyError, match=missing):
        services({name: value for name, value in SETTINGS.items() if name != missing})


def test_a_role_is_confined_and_has_time_to_drain() -> None:
    """It writes nowhere but to its volumes, has no capabilities, and is ended after its turns."""
    found = services(SETTINGS)
    for name in ROLES:
        assert (found[name]["read_only"], found[name]["cap_drop"]) == (True, ["ALL"])
    drain = float(found["web-1"]["environment"]["CHAT_DRAIN_SECONDS"])
    assert float(found["web-1"]["stop_grace_period"].removesuffix("s")) > drain + 10


def test_what_the_image_copies_is_sent_to_the_builder() -> None:
    """The two lists are the same, and contain every package that the site needs."""
    copied = set(re.findall(r"^COPY (?!--)(\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    sent = set(re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    assert copied == sent
    assert all((REPOSITORY / name).exists() for name in copied)


@dataclass
class Place:
    """The site, and the port of the proxy that is to be started in front of it. ``plain`` is nginx's for http."""

    composition: Composition
    port: int
    certificates: Certificates
    folder: Path
    plain: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificates.authority))

    def nginx(self, template: str = NGINX) -> Server:
        """`deploy/nginx.conf`, with the names and files of the test in place of its own."""
        names = {
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 8080": f"listen {self.composition.addresses['proxy']}:8080",
            "/etc/ssl/chat.pem": str(self.certificates.server),
            "/etc/ssl/chat.key": str(self.certificates.server),
            "server_name chat.example.org": "server_name localhost",
        }
        written = self._write("nginx.conf", template, names)
        return self._start(["nginx", "-p", str(self.folder), "-e", "stderr", "-c", str(written)])

    def caddy(self) -> Server:
        """`deploy/Caddyfile`, with the names and files of the test in place of its own."""
        files = self.certificates.server
        names = {
            "{\n    #": "{\n    admin off\n    auto_https disable_redirects\n    skip_install_trust\n    #",
            "{$CHAT_DOMAIN:chat.example.org} {": f"localhost:{self.port} {{\n tls {files} {files}",
            "http://:8080 {": f"http://:8080 {{\n bind {self.composition.addresses['proxy']}",
        }
        written = self._write("Caddyfile", "{block}", names)
        return self._start(["caddy", "run", "--adapter", "caddyfile", "--config", str(written)])

    def _write(self, name: str, template: str, names: dict[str, str]) -> Path:
        block = self.composition.located((DEPLOY / name).read_text())
        for written, actual in names.items():
            assert written in block
            block = block.replace(written, actual)
        path = self.folder / name
        path.write_text(template.format(folder=self.folder, block=block))
        return path

    def _start(self, command: list[str]) -> Server:
        homes = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        server = start(command, self.address, log=self.folder / f"{command[0]}.log", env=homes)
        wait_for_port(server, self.port)
        return server


@pytest.mark.proxy
@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_no_error_of_a_proxy_names_a_shared_session(proxy: str, tmp_path: Path) -> None:
    """Its address is its secret; that of another page is logged when no worker answers."""
    composition = Composition(tmp_path, tmp_path, SETTINGS)
    place = Place(composition, free_port(), make_certificates(tmp_path), tmp_path)
    with running(getattr(place, proxy)()) as server, httpx.Client(verify=place.tls, trust_env=False) as client:
        for page in ("shared/secret", "shared/secret/more?x=secret", "s/trip"):
            assert client.get(f"{place.address}/{page}", timeout=30 * PATIENCE).is_server_error
    logged = server.log.read_text()
    assert "/s/trip" in logged
    assert "secret" not in logged


@pytest.mark.proxy
def test_no_access_log_of_nginx_names_a_shared_session(tmp_path: Path) -> None:
    """Nor when it is asked for over plain http, and redirected."""
    place = Place(Composition(tmp_path, tmp_path, SETTINGS), free_port(), make_certificates(tmp_path), tmp_path)
    logging = NGINX.replace("access_log off;", "access_log {folder}/access.log;", 1)
    with running(place.nginx(logging)), httpx.Client(verify=place.tls, trust_env=False) as client:
        moved = client.get(f"http://localhost:{place.plain}/shared/secret", timeout=30 * PATIENCE)
        assert moved.headers["Location"].endswith("/shared/secret")
        for page in ("shared/secret", "s/trip"):
            client.get(f"{place.address}/{page}", timeout=30 * PATIENCE)
    logged = (tmp_path / "access.log").read_text()
    assert "/s/trip" in logged
    assert "secret" not in logged


@pytest.fixture(scope="module")
def place(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The services of the file without its proxy; for PostgreSQL's, Debian's."""
    folder = tmp_path_factory.mktemp("compose")
    port = free_port()
    model = {"OPENAI_BASE_URL": "http://model:8081/v1", "OPENAI_API_KEY": "stand-in"}
    with running_postgresql() as database:
        settings = {**SETTINGS, **model, "CHAT_DOMAIN": f"localhost:{port}"}
        composition = Composition(image, folder, settings)
        for name in ("web-1", "web-2"):
            given = composition.services[name]["environment"]
            given.update(DATABASE_URL=database, CHAT_TRUSTED_PROXIES="127.0.0.1", CHAT_TURNS_PER_MINUTE="0")
        try:
            for name in ("valkey", *ROLES):
                composition.start(name)
            yield Place(composition, port, make_certificates(folder), folder)
        finally:
            composition.stop()


async def ready(place: Place, *names: str) -> None:
    """Return once these web workers and memory servers are ready."""
    async with httpx.AsyncClient(trust_env=False, timeout=10 * PATIENCE) as client:
        for name in names:
            await until(partial(answers, client, place.composition.running[name].url), 60)


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    """Whether the server at ``url`` is ready."""
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def visitor(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's client, with the cookie of a new visitor."""
    async with httpx.AsyncClient(verify=place.tls, trust_env=False, timeout=30 * PATIENCE) as client:
        await until(lambda: shows(client, f"{place.address}/s/trip"), 60)
        yield client


async def shows(client: httpx.AsyncClient, page: str) -> bool:
    """Whether the proxy has noticed that its servers are ready."""
    return (await client.get(page)).is_success


@asynccontextmanager
async def socket_of(place: Place, client: httpx.AsyncClient) -> AsyncIterator[Socket]:
    """A websocket of the visitor."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    sent = {"Cookie": cookies, "Origin": place.address}
    address = f"wss://localhost:{place.port}/ws/v1/chat"
    async with asyncio.timeout(4 * SOON), connect(address, additional_headers=sent, ssl=place.tls, proxy=None) as line:
        yield Socket(line)


async def resumed(place: Place, client: httpx.AsyncClient) -> str:
    """The whole answer under way. A worker that restarts it closes the socket, and is asked again."""
    while True:
        async with socket_of(place, client) as line:
            with suppress(ConnectionClosed):
                return (await line.resume("trip")).text


async def asked(place: Place, client: httpx.AsyncClient) -> list[str]:
    """What the visitor is remembered to have said."""
    answer = await client.get(f"{place.address}/api/v1/sessions/trip/messages", headers={"Origin": place.address})
    messages = answer.raise_for_status().json()["messages"]
    return [message["parts"][0]["text"] for message in messages if message["role"] == "user"]


@pytest.mark.proxy
@pytest.mark.postgresql
@pytest.mark.timeout(400)
@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_the_site_survives_the_end_of_one_of_each(place: Place, proxy: str) -> None:
    """An answer goes on at the other worker, turns at the other memory server, and nothing acknowledged is lost."""
    with running(getattr(place, proxy)()):
        await ready(place, "memory-1", "memory-2", "web-1", "web-2")
        async with visitor(place) as client:
            async with socket_of(place, client) as line:
                await line.send(send_frame("1", "trip", user_message("hi im bob")))
                begun = await line.until("1", "text-delta")
            web = serving(place, begun.pid)
            place.composition.kill(web, "memory-1")
            assert await resumed(place, client)
            async with socket_of(place, client) as line:
                assert (await line.ask("trip", "i live in Rome")).text
            for name in (web, "memory-1"):
                place.composition.start(name)
            await ready(place, web, "memory-1")
            place.composition.kill("web-1" if web == "web-2" else "web-2", "memory-2", "valkey")
            place.composition.start("valkey")
            await ready(place, web, "memory-1")
            async with socket_of(place, client) as line:
                assert (await line.ask("trip", "whats my name?")).text
            await until(lambda: shows(client, f"{place.address}/s/trip"), 60)
            assert await asked(place, client) == ["hi im bob", "i live in Rome", "whats my name?"]
            foreign = {"Sec-Fetch-Site": "cross-site", "Accept-Encoding": "gzip"}
            assert "Content-Encoding" not in (await client.get(f"{place.address}/s/trip", headers=foreign)).headers
        for name in ("web-1", "web-2", "memory-2"):
            if place.composition.running[name].process.poll() is not None:
                place.composition.start(name)


@pytest.mark.proxy
@pytest.mark.postgresql
@pytest.mark.timeout(400)
async def test_an_upgrade_in_the_documented_order_fails_no_turn(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory servers, then web workers, each once the one before is ready, while people talk: all is said once."""
    monkeypatch.setenv("SSL_CERT_FILE", str(place.certificates.authority))
    order = ("memory-1", "memory-2", "web-1", "web-2")
    with running(place.nginx()):
        await ready(place, *order)
        people = [ChatClient(place.address, token(place, name), patience=60 * PATIENCE) for name in ("ann", "bob")]
        async with AsyncExitStack() as all_of_them:
            said: list[list[str]] = [[] for _ in people]
            for chat in people:
                await all_of_them.enter_async_context(chat)
            talking = [asyncio.ensure_future(talk(*each)) for each in zip(people, said, strict=True)]
            for name in order:
                before = [len(each) for each in said]
                await replace(place, name)
                await until(partial(goes_on, said, before, talking), 60)
            await ended(talking)
            for chat, texts in zip(people, said, strict=True):
                assert (await said_in(chat))[: len(texts)] == texts


def token(place: Place, owner: str) -> str:
    """A token, issued in a container of the first web worker."""
    worker = place.composition.services["web-1"]["environment"]
    env = environment({name: place.composition.located(value) for name, value in worker.items()})
    command = [sys.executable, "manage.py", "issue_token", "--owner", owner]
    done = subprocess.run(command, cwd=place.composition.image, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


async def talk(chat: ChatClient, said: list[str]) -> None:
    """Say one thing after another, and note each once it is answered."""
    while True:
        text = f"number {len(said)}"
        assert await chat.ask("trip", text)
        said.append(text)


async def said_in(chat: ChatClient) -> list[str]:
    """What the user of the session is remembered to have said, oldest first."""
    found: list[str] = []
    before = None
    while True:
        page = await chat.session("trip").messages(limit=100, before=before)
        found = [each.parts[0].text for each in page.messages if each.role == "user"] + found
        if (before := page.before) is None:
            return found


async def ended(talking: Sequence[asyncio.Future[None]]) -> None:
    """Return once nobody talks any more."""
    for each in talking:
        each.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


async def replace(place: Place, name: str) -> None:
    """Restart a service, as with another image."""
    assert await asyncio.to_thread(place.composition.running[name].stop) == 0
    place.composition.start(name)
    await ready(place, name)


async def goes_on(said: list[list[str]], before: list[int], talking: Sequence[asyncio.Future[None]]) -> bool:
    """Whether everybody has been answered since. Raises what has ended their talk."""
    for each in talking:
        if each.done():
            each.result()
    return all(len(texts) > count for texts, count in zip(said, before, strict=True))


def serving(place: Place, pid: int) -> str:
    """The web worker that is the process ``pid``."""
    return next(name for name in ("web-1", "web-2") if place.composition.running[name].process.pid == pid)


def test_no_role_writes_into_the_image_or_its_folder(place: Place) -> None:
    """So the root file system can be read-only, and no volume is needed."""
    built = (place.folder / "data").stat().st_mtime  # the folder was made after the image, and nothing since in it
    assert [path for path in place.composition.image.rglob("*") if path.stat().st_mtime > built] == []
    written = [path.name for path in (place.folder / "data").iterdir()]
    assert set(written) <= {"metrics"}  # for others beside it, which a container has not; done without if it cannot be
