"""The servers for benchmarks of the web tier, each a separate process on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chat_client import ChatClient
from tests.support.cookies import owner_of
from tests.support.servers import (
    PROXIES,
    REPOSITORY,
    Server,
    Site,
    clean_environment,
    free_port,
    running,
    start,
    start_valkey,
    wait_for_http,
    wait_for_port,
)
from tests.support.staff import manage

#: Daphne's options, as the site's supervisor sets them.
DAPHNE = (
    "--bind", "127.0.0.1", "--verbosity", "0", "--no-server-name",
    "--websocket-max-message-size=8388608", "--websocket-max-frame-size=8388608",
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """Web workers of the site, their memory server, and its Valkey, which fsyncs every write."""

    workers: list[Server]
    memory: Server
    valkey: Server
    data: Path

    @property
    def web(self) -> Server:
        """The first worker."""
        return self.workers[0]

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [server.process.pid for server in self.workers]

    @property
    def behind(self) -> list[int]:
        """The process ids of the memory server and Valkey."""
        return [server.process.pid for server in (self.memory, self.valkey)]


@contextmanager
def product(
    folder: Path, model_url: str, *, program: str = "daphne", workers: int = 1, source: Path = REPOSITORY
) -> Iterator[Product]:
    """The site in ``source``, which calls the model at ``model_url``, with workers that ``program`` serves."""
    with ExitStack() as up:
        valkey = up.enter_context(running(start_valkey(folder)))
        keys = {"OPENAI_BASE_URL": model_url, "OPENAI_API_KEY": "none"}
        memory = up.enter_context(running(memory_server(valkey, folder / "memory.log", keys, source)))
        environment = {
            **keys, "REDIS_URL": valkey.url, "MOTORHEAD_URL": memory.url, "CHAT_DATA": str(folder),
            "CHAT_TURNS_PER_MINUTE": "0", "CHAT_SOCKETS_PER_VISITOR": "0", "CHAT_PAGES_PER_MINUTE": "0",
            "CHAT_WORKER": "web.1", "DJANGO_SETTINGS_MODULE": "chatsite.settings",
            "SAMPLES": str(folder / "samples.json"),
        }  # fmt: skip
        prepare(environment, source)
        servers = [
            up.enter_context(worker("chatsite.asgi", folder / "web.log", environment, program=program, source=source))
            for _ in range(workers)
        ]
        for web in servers:
            wait_for_http(web, "/healthz")
        yield Product(servers, memory, valkey, folder)


def memory_server(valkey: Server, log: Path, environment: dict[str, str], source: Path) -> Server:
    """The memory server of the site in ``source``."""
    port = free_port()
    settings = {"MOTORHEAD_PORT": str(port), "REDIS_URL": valkey.url, **environment}
    server = start([sys.executable, "-m", "motorhead"], f"http://127.0.0.1:{port}", log=log, env=settings, cwd=source)
    wait_for_http(server)
    return server


def prepare(environment: dict[str, str], source: Path) -> None:
    """Bring database and static files of the site in ``source`` up to date."""
    command = [sys.executable, "-m", "supervisor.prepare"]
    subprocess.run(command, cwd=source, env=clean_environment(environment), check=True)


@contextmanager
def worker(
    module: str, log: Path, environment: dict[str, str], *, program: str = "daphne", source: Path = REPOSITORY
) -> Iterator[Server]:
    """A process of ``program`` that serves the application of the ``module`` in ``source``."""
    port = free_port()
    command = [sys.executable, "-m", program, "--port", str(port), *DAPHNE, f"{module}:application"]
    with running(start(command, f"http://127.0.0.1:{port}", log=log, env=environment, cwd=source)) as server:
        wait_for_port(server, port)
        yield server


@contextmanager
def python(module: str, log: Path, *arguments: object) -> Iterator[Server]:
    """``python -m module PORT arguments…``"""
    port = free_port()
    command = [sys.executable, "-m", module, str(port), *map(str, arguments)]
    with running(start(command, f"http://127.0.0.1:{port}", log=log)) as server:
        wait_for_port(server, port)
        yield server


def port_of(server: Server) -> int:
    """The port on which ``server`` listens."""
    return int(server.url.rsplit(":", 1)[1])


def visitor(web: Server) -> tuple[str, dict[str, str]]:
    """A new visitor: the owner id, and the headers of their browser's websocket."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{web.url}/visit", timeout=10) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    return owner_of(cookie), {"Cookie": cookie, "Origin": web.url}


def token(site: Product | Site) -> str:
    """A bearer token of a new owner."""
    redis = site.valkey.url if isinstance(site, Product) else site.record()["redis"]
    return manage(site, "issue_token", REDIS_URL=redis).strip()


@asynccontextmanager
async def client(site: Product | Site, token: str) -> AsyncIterator[ChatClient]:
    """The project's own Python client, for what a benchmark has done but does not measure."""
    for name in PROXIES:
        os.environ.pop(name, None)  # the site is on this machine
    url = site.web.url if isinstance(site, Product) else site.url
    async with ChatClient(url, token) as chat:
        yield chat
