"""The servers for benchmarks of the web tier, each a separate process on loopback."""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chat_client import ChatClient
from tests.support.cookies import owner_of
from tests.support.servers import (
    PROXIES,
    Server,
    Site,
    free_port,
    running,
    start,
    start_memory_server,
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
    """One web worker of the site, its memory server, and its Valkey, which fsyncs every write."""

    web: Server
    memory: Server
    valkey: Server
    data: Path

    @property
    def pids(self) -> list[int]:
        """The process ids, the worker's first."""
        return [server.process.pid for server in (self.web, self.memory, self.valkey)]


@contextmanager
def product(folder: Path, model_url: str, *, program: str = "daphne") -> Iterator[Product]:
    """A site with one worker, served by ``program``, that calls the model at ``model_url``."""
    with running(start_valkey(folder)) as valkey:
        keys = {"OPENAI_BASE_URL": model_url, "OPENAI_API_KEY": "none"}
        with running(start_memory_server(valkey.url, folder / "memory.log", None, **keys)) as memory:
            environment = {
                **keys, "REDIS_URL": valkey.url, "MOTORHEAD_URL": memory.url, "CHAT_DATA": str(folder),
                "CHAT_TURNS_PER_MINUTE": "0", "CHAT_SOCKETS_PER_VISITOR": "0", "CHAT_PAGES_PER_MINUTE": "0",
                "CHAT_WORKER": "web.1", "DJANGO_SETTINGS_MODULE": "chatsite.settings",
                "SAMPLES": str(folder / "samples.json"),
            }  # fmt: skip
            with worker("chatsite.asgi", folder / "web.log", environment, program=program) as web:
                wait_for_http(web, "/healthz")
                yield Product(web, memory, valkey, folder)


@contextmanager
def worker(module: str, log: Path, environment: dict[str, str], *, program: str = "daphne") -> Iterator[Server]:
    """A process of ``program`` that serves ``module``'s application."""
    port = free_port()
    command = [sys.executable, "-m", program, "--port", str(port), *DAPHNE, f"{module}:application"]
    with running(start(command, f"http://127.0.0.1:{port}", log=log, env=environment)) as server:
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
