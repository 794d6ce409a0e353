"""Two sites, as on two machines: web workers and a memory server each, on one store, behind one nginx."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from chat.web.tokens import issue_token
from tests.support.machines.parts import Part
from tests.support.machines.proxy import nginx_conf
from tests.support.servers import Server, free_port, start

SITES = ("a", "b")
SECRET_KEY = "of-both-sites"
MEMORY_TOKEN = "of-the-memory"
#: No limits: all people come from one address.
UNLIMITED = dict.fromkeys(
    [
        *("CHAT_TURNS_PER_MINUTE", "CHAT_TURNS_PER_MINUTE_PER_ADDRESS"),
        *("CHAT_PAGES_PER_MINUTE", "CHAT_PAGES_PER_MINUTE_PER_ADDRESS"),
        *("CHAT_SOCKETS_PER_VISITOR", "CHAT_SOCKETS_PER_ADDRESS"),
    ],
    "0",
)


@dataclass
class Sites:
    """The parts of both sites by name (``a:web.1``, ``b:memory``), and the proxy in front of them."""

    url: str
    parts: dict[str, Part] = field(default_factory=dict)

    def of(self, kind: str) -> list[Part]:
        """The parts whose names contain ``kind``."""
        return [part for name, part in self.parts.items() if kind in name]

    def proxy_workers(self) -> list[int]:
        """The process ids of the proxy's workers, which its first process starts again."""
        pid = self.parts["proxy"].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def token(self, owner: str) -> str:
        """A bearer token for ``owner``."""
        if not settings.configured:
            settings.configure(SECRET_KEY=SECRET_KEY)
        with override_settings(SECRET_KEY=SECRET_KEY):
            return issue_token(owner, timedelta(hours=1))


@contextmanager
def running_sites(
    folder: Path, store: str, model_url: str, given: Mapping[str, str], *, workers: int = 2
) -> Iterator[Sites]:
    """Two sites with ``workers`` web workers each, started, but not waited for.

    ``given`` are environment variables of all of them.
    """
    web = {name: free_port() for name in _names("web", workers)}
    memory = {name: free_port() for name in _names("memory", 1)}
    port, memory_port = free_port(), free_port()
    conf = nginx_conf(folder, port, list(web.values()), memory_port, list(memory.values()))
    shared = {"OPENAI_BASE_URL": model_url, "OPENAI_API_KEY": "none", "MOTORHEAD_TOKEN": MEMORY_TOKEN, **given}
    url = f"http://localhost:{port}"
    of_web = {
        **shared, **UNLIMITED, "DJANGO_SECRET_KEY": SECRET_KEY, "CHAT_PUBLIC_URL": url,
        "MOTORHEAD_URL": f"http://127.0.0.1:{memory_port}", "CHAT_TRUSTED_PROXIES": "127.0.0.1", **given,
    }  # fmt: skip
    sites = Sites(url)
    try:
        for name, own in memory.items():
            environment = {**shared, "MOTORHEAD_PORT": str(own), "REDIS_URL": store}
            sites.parts[name] = _role("memory", name, own, folder, environment)
        for name, own in web.items():
            data = folder / f"site-{name[0]}"
            environment = {
                **of_web, "CHAT_PORT": str(own), "CHAT_DATA": str(data), "CHAT_WORKER": name,
                "REDIS_URL": store,
            }  # fmt: skip
            sites.parts[name] = _role("web", name, own, folder, environment)
        command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(conf)]
        sites.parts["proxy"] = Part("proxy", lambda: start(command, url, log=folder / "proxy.log"))
        yield sites
    finally:
        for part in reversed(sites.parts.values()):
            part.server.stop() if part.name == "proxy" else part.server.kill()  # its workers end with it


def _names(kind: str, count: int) -> list[str]:
    numbers = [f".{number}" for number in range(1, count + 1)] if kind == "web" else [""]
    return [f"{site}:{kind}{number}" for site in SITES for number in numbers]


def _role(role: str, name: str, port: int, folder: Path, environment: Mapping[str, str]) -> Part:
    command = [sys.executable, "manage.py", role]
    url, log = f"http://127.0.0.1:{port}", folder / f"{name.replace(':', '-')}.log"

    def starts() -> Server:
        return start(command, url, log=log, env=environment)

    return Part(name, starts, "/readyz")
