"""Which processes make up the site, in which order, and with which command and environment.

Nothing here opens, starts or reads anything: the same options, addresses and bindings give the same plan.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from chatsite.folders import INSTALLED
from environment.addresses import without_login
from supervisor.options import Options
from supervisor.ports import LOOPBACK, reachable
from supervisor.probes import HttpProbe, Probe, ValkeyProbe

OPENAI = "https://api.openai.com/v1"
#: The AI SDK's client sends its whole history with every message, and Daphne silently drops larger frames.
LARGEST_FRAME = 8 * 2**20

#: Seconds that a web worker waits for store and memory before the site is up without them: its pages say what is wrong.
UNREADY_AFTER = 10.0

#: The OpenAI client refuses to start without a key, even for a server that needs none.
NO_KEY = "none"
STANDIN_KEY = "stand-in"
#: It looks like the name of a secret.
KEY_PREFIX = "REDIS_KEY_PREFIX"

#: Beginnings of the names of secrets for web workers: those of the site's settings, of LangChain and of libpq.
WEB_SECRETS = (
    *("CHAT_", "DATABASE_", "DJANGO_", "MOTORHEAD_", "METAL_", "OPENAI_", "AZURE_", "REDIS_"),
    *("OTEL_", "LANGCHAIN_", "LANGSMITH_", "PG"),
)


@dataclass(frozen=True)
class Configured:
    """The addresses that the operator configured; for an empty one a server is started here."""

    redis: str = ""
    memory: str = ""
    model: str = ""
    model_key: str = ""
    model_name: str = ""
    #: The window of a memory server started here, unless the operator sets another.
    window_tokens: int = 0
    #: Where the site listens, and whether only this machine reaches it.
    host: str = LOOPBACK
    port: int = 8000
    on_loopback: bool = False
    #: Seconds that turns under way have to end when a web worker is to end.
    drain: float = 0.0
    #: The format of log lines, and whether accounts are in PostgreSQL.
    log: str = "text"
    in_postgresql: bool = False

    @property
    def needs_standin(self) -> bool:
        """Whether no model is configured, neither by its address nor by OpenAI's key."""
        return not (self.model or self.model_key)


@dataclass(frozen=True)
class Bindings:
    """What this machine gives: free ports, file descriptors to inherit, a new password for Valkey, and its name."""

    web_port: int
    web_socket: int
    memory_port: int
    valkey_port: int
    valkey_password: str
    model_port: int
    lock: int
    #: The name of this machine.
    host: str = "localhost"


@dataclass(frozen=True)
class Child:
    """A process to run. A child without a probe is a task, ready once it has exited with status 0."""

    name: str
    command: tuple[str, ...]
    probe: Probe | None = None
    #: Added to the supervisor's own environment: ``environment`` wins over it, ``defaults`` do not.
    environment: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    #: Beginnings of the names of secret variables that it may see in the supervisor's environment.
    secrets: tuple[str, ...] = ()
    #: Whether it sees, of the other variables, only those that every program may see.
    confined: bool = False
    #: Whether it sends signs of life; another child with a probe is asked for them.
    notifies: bool = False
    #: File descriptors that it inherits, under the same numbers.
    inherits: tuple[int, ...] = ()
    stdin: str = ""
    #: The file with its log; empty: it logs to the supervisor's own output.
    log: str = ""
    #: Seconds of answers after which it counts as ready although it is not; None: only a probe that succeeds counts.
    unready_after: float | None = None
    #: Seconds for which it may go on after SIGTERM, before it begins to end.
    drains: float = 0.0


@dataclass(frozen=True)
class Addresses:
    """The URLs of the site's parts, as seen from this machine."""

    web: str
    memory: str
    model: str
    redis: str


@dataclass(frozen=True)
class Plan:
    """The children in stages: each stage starts once the previous one is ready, and stops before it."""

    addresses: Addresses
    stages: tuple[tuple[Child, ...], ...]


def make_plan(options: Options, configured: Configured, bindings: Bindings) -> Plan:
    """The plan for ``options``: servers that are ``configured`` are used, all others are started."""
    addresses = _addresses(options, configured, bindings)
    shared = _shared_environment(options, configured, addresses)
    first = () if configured.redis else (_valkey(options, bindings),)
    second = [_preparation(options, addresses)]
    if not configured.memory:
        second += _memory(options, configured, bindings, shared)
    if configured.needs_standin:
        second.append(_model(configured, bindings))
    public = _public(configured, addresses)
    if configured.on_loopback:
        public["CHAT_KILL_DRAWER"] = "true"
    # With a Redis elsewhere, other machines may serve the same site.
    prefix = f"{bindings.host}:" if configured.redis else ""
    probe = HttpProbe(bindings.web_port, "/readyz", host=reachable(configured.host))
    if options.workers > 1:
        shared["CHAT_SHARED_PORT"] = "true"
    names = [f"web.{number}" for number in range(1, options.workers + 1)]
    web = partial(_web, prefix, bindings.web_socket, probe, shared, public, configured.drain)
    webs = tuple(map(web, names))
    return Plan(addresses, tuple(filter(None, (first, tuple(second), webs))))


def _addresses(options: Options, configured: Configured, bindings: Bindings) -> Addresses:
    standin = f"http://{LOOPBACK}:{bindings.model_port}/v1"
    valkey = f"redis://default:{bindings.valkey_password}@{LOOPBACK}:{bindings.valkey_port}/0"
    return Addresses(
        web=f"http://{reachable(configured.host)}:{bindings.web_port}",
        memory=configured.memory or f"http://{reachable(options.memory_host)}:{bindings.memory_port}",
        model=standin if configured.needs_standin else configured.model or OPENAI,
        redis=configured.redis or valkey,
    )


def _public(configured: Configured, addresses: Addresses) -> dict[str, str]:
    """The addresses in the lines that users copy."""
    memory = without_login(configured.memory) or named(addresses.memory)
    standin = {"CHAT_PUBLIC_STANDIN_URL": named(addresses.model)} if configured.needs_standin else {}
    return {"CHAT_PUBLIC_MEMORY_URL": memory, **standin}


def named(url: str) -> str:
    """An address on this machine with the machine's name for itself."""
    return url.replace(f"//{LOOPBACK}:", "//localhost:")


def _shared_environment(options: Options, configured: Configured, addresses: Addresses) -> dict[str, str]:
    """The variables that the chat and the memory server share."""
    key = STANDIN_KEY if configured.needs_standin else configured.model_key or NO_KEY
    return {
        "CHAT_DATA": str(options.data),
        "REDIS_URL": addresses.redis,
        "MOTORHEAD_URL": addresses.memory,
        "OPENAI_BASE_URL": addresses.model,
        "OPENAI_API_KEY": key,
    }


def _valkey(options: Options, bindings: Bindings) -> Child:
    # The password goes through a pipe, because everyone on the machine can read command lines.
    settings = {
        "bind": LOOPBACK,
        "port": bindings.valkey_port,
        "requirepass": bindings.valkey_password,
        "dir": _quoted(options.data / "valkey"),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": '""',
        "loglevel": "warning",
        "logfile": "valkey.log",
    }
    return Child(
        name="valkey",
        command=(*python("supervisor.valkey"), "-"),
        probe=ValkeyProbe(bindings.valkey_port, bindings.valkey_password),
        inherits=(bindings.lock,),
        confined=True,
        stdin="".join(f"{name} {value}\n" for name, value in settings.items()),
        log=str(options.data / "valkey" / "valkey.log"),
    )


def _preparation(options: Options, addresses: Addresses) -> Child:
    return Child(
        name="prepare",
        command=python("supervisor.prepare"),
        environment={"CHAT_DATA": str(options.data), "REDIS_URL": addresses.redis},
        secrets=(
            "CHAT_",
            "DATABASE_",
            "DJANGO_",
            "PG",
            "AZURE_",
            KEY_PREFIX,
        ),  # the settings check that Azure's are complete
    )


def _memory(options: Options, configured: Configured, bindings: Bindings, shared: Mapping[str, str]) -> list[Child]:
    listening = {"MOTORHEAD_HOST": options.memory_host, "MOTORHEAD_PORT": str(bindings.memory_port)}
    alone = Child(
        name="memory.1",
        command=python("motorhead"),
        probe=HttpProbe(bindings.memory_port, "/readyz", host=reachable(options.memory_host)),
        environment={**shared, **listening},
        defaults={"MOTORHEAD_MAX_WINDOW_TOKENS": str(configured.window_tokens), "MOTORHEAD_LOG": configured.log},
        secrets=("MOTORHEAD_", "OPENAI_", "AZURE_", KEY_PREFIX),
        notifies=True,
    )
    if options.memory_workers == 1:
        return [alone]
    names = [f"memory.{number}" for number in range(1, options.memory_workers + 1)]
    return [_sharing(alone, name, options.data / "memory-metrics") for name in names]


def _sharing(memory: Child, name: str, siblings: Path) -> Child:
    """``memory`` as one of several processes that listen on the same port."""
    shared = {"MOTORHEAD_PROCESS": name, "MOTORHEAD_SHARED_PORT": "true", "MOTORHEAD_SIBLINGS": str(siblings)}
    return replace(memory, name=name, environment={**memory.environment, **shared})


def _model(configured: Configured, bindings: Bindings) -> Child:
    return Child(
        name="model",
        command=python("openai_standin"),
        probe=HttpProbe(bindings.model_port, "/v1/models"),
        environment={"STANDIN_PORT": str(bindings.model_port)},
        defaults={"STANDIN_LOG": configured.log},
        secrets=("STANDIN_",),
        confined=True,
    )


def _web(
    prefix: str,
    listener: int,
    probe: Probe,
    shared: Mapping[str, str],
    public: Mapping[str, str],
    drain: float,
    name: str,
) -> Child:
    return Child(
        name=name,
        command=daphne(listener),
        probe=probe,
        environment={**shared, "CHAT_WORKER": prefix + name},
        defaults=public,
        secrets=WEB_SECRETS,
        notifies=True,
        inherits=(listener,),
        unready_after=UNREADY_AFTER,
        drains=drain,
    )


def daphne(listener: int) -> tuple[str, ...]:
    """The command of a web worker that accepts connections from the socket with the descriptor ``listener``."""
    options = ("--fd", str(listener), "--verbosity", "0", "--no-server-name")
    sizes = (f"--websocket-max-message-size={LARGEST_FRAME}", f"--websocket-max-frame-size={LARGEST_FRAME}")
    return (*python("daphne"), *options, *sizes, "chatsite.asgi:application")


def python(module: str) -> tuple[str, ...]:
    """The command of a program that is a module of the site's environment."""
    # In a checkout, a child imports from the folder in which it is started. An installed one must not (-P): that
    # folder would come before the standard library on the path.
    return (sys.executable, *(("-P",) if INSTALLED else ()), "-m", module)


def _quoted(path: object) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
