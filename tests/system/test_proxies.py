"""The site behind a proxy with TLS, set up as ``docs/deployment.md`` says."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.ai_sdk.sockets import SOON, Socket
from tests.support.blocks import blocks
from tests.support.html import parse
from tests.support.nginx import NGINX
from tests.support.servers import PATIENCE, Server, Site, free_port, running, start, start_site, wait_for_port
from tests.support.tls import Certificates, make_certificates

pytestmark = pytest.mark.proxy

CADDY = "{{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}}\n{block}"
#: Headers that the block for nginx sets, but that the site does not need.
OPTIONAL = [
    *("", "proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-Proto $scheme;"),
    "proxy_set_header X-Forwarded-For $remote_addr;",
]
NGINX_BLOCK, NGINX_BELOW_A_PATH = blocks("deployment.md", "nginx")
CADDY_BLOCK, CADDY_BELOW_A_PATH = blocks("deployment.md", "caddy")


@dataclass(frozen=True)
class Behind:
    """A site behind a proxy that is still to be started on ``port``."""

    site: Site
    port: int
    address: str
    certificates: Certificates
    folder: Path

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificates.authority))

    def start(self, program: str, block: str) -> Server:
        """The proxy, with the names and files of the test in place of those in the block."""
        site_block = f"localhost:{self.port} {{\n tls {self.certificates.server} {self.certificates.server}"
        names = {
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "/etc/ssl/chat.pem": str(self.certificates.server),
            "/etc/ssl/chat.key": str(self.certificates.server),
            "127.0.0.1:8000": self.site.url.removeprefix("http://"),
            "\nchat.example.org {": f"\n{site_block}",
            "\nexample.org {": f"\n{site_block}",
            "server_name chat.example.org": "server_name localhost",
        }
        block = f"\n{block}"
        for name, actual in names.items():
            block = block.replace(name, actual)
        written = self.folder / f"{program}.conf"
        written.write_text({"nginx": NGINX, "caddy": CADDY}[program].format(folder=self.folder, block=block))
        command = {
            "nginx": ["nginx", "-p", str(self.folder), "-e", "stderr", "-c", str(written)],
            "caddy": ["caddy", "run", "--adapter", "caddyfile", "--config", str(written)],
        }[program]
        homes = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        server = start(command, self.address, log=self.folder / f"{program}.log", env=homes)
        wait_for_port(server, self.port)
        return server


def behind(folder: Path, path: str = "") -> Iterator[Behind]:
    port = free_port()
    address = f"https://localhost:{port}{path}"
    with running(start_site(folder / "site", "--workers", "1", CHAT_PUBLIC_URL=address)) as site:
        assert isinstance(site, Site)
        yield Behind(site, port, address, make_certificates(folder), folder)


@pytest.fixture(scope="module")
def at_a_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """A site that has a host to itself."""
    yield from behind(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def below_a_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """A site that shares its host with others."""
    yield from behind(tmp_path_factory.mktemp("path"), "/chat")


async def use(place: Behind) -> None:
    """Open a new session, have a turn in it, read it on its page with the page's files, and delete it."""
    async with httpx.AsyncClient(verify=place.tls, trust_env=False, timeout=30 * PATIENCE) as client:
        page = await client.get(f"{place.address}/s/trip")
        await open_every_file(place, client, page)
        assert all("secure" in cookie.lower() for cookie in page.headers.get_list("Set-Cookie"))
        await see_what_is_compressed(place, client)
        await have_a_turn(place, client)
        shown = parse((await client.get(f"{place.address}/s/trip")).text)
        assert "hi im bob" in shown.all("main")[0].text
        (socket,) = [each.attributes["hx-ws:connect"] for each in shown.all("div", id="session")]
        async with connect(f"wss://localhost:{place.port}{socket}", **headers(place, client)):
            pass
        deleted = await delete(place, client, page)
        assert (deleted.status_code, "trip" in deleted.text) == (HTTPStatus.OK, False)
        assert json.loads(deleted.headers["HX-Location"])["path"] == f"{httpx.URL(place.address).path.rstrip('/')}/"


def headers(place: Behind, client: httpx.AsyncClient) -> dict[str, Any]:
    """The options of a websocket that a page of the site opens."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    origin = f"https://localhost:{place.port}"
    return {"additional_headers": {"Cookie": cookies, "Origin": origin}, "ssl": place.tls, "proxy": None}


async def open_every_file(place: Behind, client: httpx.AsyncClient, page: httpx.Response) -> None:
    """Load the page's styles and scripts."""
    assert page.status_code == HTTPStatus.OK
    links = parse(page.text)
    files = [each.attributes["href"] for each in links.all("link")]
    files += [each.attributes["src"] for each in links.all("script")]
    assert len(files) > 5
    for file in files:
        assert (await client.get(f"https://localhost:{place.port}{file}")).status_code == HTTPStatus.OK


async def see_what_is_compressed(place: Behind, client: httpx.AsyncClient) -> None:
    """The user's own page is compressed, one that another site may have asked for is not."""
    for origin, encoding in (("none", "gzip"), ("cross-site", None)):
        sent = {"Sec-Fetch-Site": origin, "Accept-Encoding": "gzip"}
        page = await client.get(f"{place.address}/s/trip", headers=sent)
        assert page.headers.get("Content-Encoding") == encoding


async def follow_the_bare_path(place: Behind) -> None:
    """The address as ``CHAT_PUBLIC_URL`` has it, without a slash behind the path, leads to a page."""
    async with httpx.AsyncClient(verify=place.tls, trust_env=False, follow_redirects=True) as client:
        page = await client.get(place.address)
    assert page.status_code == HTTPStatus.OK
    assert str(page.url).startswith(f"{place.address}/s/")
    assert parse(page.text).all("main")


async def have_a_turn(place: Behind, client: httpx.AsyncClient) -> None:
    """A turn by the websocket API, in an answer that comes in pieces."""
    address = f"{place.address.replace('https', 'wss', 1)}/ws/v1/chat"
    async with asyncio.timeout(SOON), connect(address, **headers(place, client)) as connection:
        answer = await Socket(connection).ask("trip", "hi im bob")
    assert answer.text


async def delete(place: Behind, client: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Delete the session that is open on the page, as its script does."""
    (body,) = parse(page.text).all("body")
    sent = {
        **json.loads(body.attributes["hx-headers:inherited"]),
        "HX-Request": "true",
        "HX-Current-URL": f"{place.address}/s/trip",
        "Origin": f"https://localhost:{place.port}",
        "Referer": f"{place.address}/s/trip",
    }
    return await client.post(f"{place.address}/s/trip/delete", headers=sent)


@pytest.mark.parametrize("without", OPTIONAL)
async def test_behind_nginx(at_a_root: Behind, without: str) -> None:
    """Everything works, and also without each of the headers about the client's side."""
    assert without in NGINX_BLOCK
    with running(at_a_root.start("nginx", NGINX_BLOCK.replace(without, ""))):
        await use(at_a_root)


async def test_behind_nginx_with_the_host_alone(at_a_root: Behind) -> None:
    """``$host`` lacks the port, which is therefore missing from the request."""
    with running(at_a_root.start("nginx", NGINX_BLOCK.replace("$http_host", "$host"))):
        await use(at_a_root)


async def test_metrics_stay_inside_behind_a_bare_proxy(at_a_root: Behind, tmp_path: Path) -> None:
    """Without any of the headers, requests from outside look like those of a program on the site's own machine."""
    bare = NGINX_BLOCK
    for line in filter(None, OPTIONAL):
        bare = bare.replace(line, "")
    with running(start_site(tmp_path, "--workers", "1", CHAT_PUBLIC_URL="https://chat.example.org")) as site:
        place = replace(at_a_root, site=site, folder=tmp_path)
        with running(place.start("nginx", bare)):
            async with httpx.AsyncClient(base_url=place.address, verify=place.tls, trust_env=False) as client:
                assert (await client.get("/readyz")).status_code == HTTPStatus.OK
                assert (await client.get("/metrics")).status_code == HTTPStatus.FORBIDDEN


async def test_behind_caddy(at_a_root: Behind) -> None:
    """One line passes everything on."""
    with running(at_a_root.start("caddy", CADDY_BLOCK)):
        await use(at_a_root)


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "127.0.0.1:{port}/"])
async def test_below_a_path_of_nginx(below_a_path: Behind, address: str) -> None:
    """The path is passed on as it is or, with a slash behind the address, without the sub-path."""
    block = NGINX_BLOCK.replace("location / {\n", NGINX_BELOW_A_PATH)
    target = address.format(port=httpx.URL(below_a_path.site.url).port)
    with running(below_a_path.start("nginx", block.replace("127.0.0.1:8000", target))):
        await follow_the_bare_path(below_a_path)
        await use(below_a_path)


async def test_below_a_path_of_caddy(below_a_path: Behind) -> None:
    """The path is passed on as it is."""
    with running(below_a_path.start("caddy", CADDY_BELOW_A_PATH)):
        await follow_the_bare_path(below_a_path)
        await use(below_a_path)


async def test_plain_http_is_redirected(at_a_root: Behind) -> None:
    """A server for plain http needs no more than the same ``location``; https is required from then on."""
    plain = NGINX_BLOCK.replace("listen 443 ssl;", "listen 443;")
    async with httpx.AsyncClient(verify=at_a_root.tls, trust_env=False, timeout=30 * PATIENCE) as client:
        with running(at_a_root.start("nginx", plain)):
            moved = await client.get(f"http://localhost:{at_a_root.port}/s/trip?a=b")
        with running(at_a_root.start("nginx", NGINX_BLOCK)):
            page = await client.get(f"{at_a_root.address}/s/trip")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{at_a_root.address}/s/trip?a=b")
    assert page.headers["Strict-Transport-Security"] == "max-age=2592000"
    assert all(cookie.startswith("__Host-") for cookie in page.headers.get_list("Set-Cookie"))
