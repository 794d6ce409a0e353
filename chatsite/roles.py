"""The roles: one process of the site in the foreground, without a supervisor, as in a container.

A role is configured by the environment alone, logs to standard output, and ends on SIGTERM. It becomes the program
that it runs, so signals reach that program.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from chatsite.folders import ROOT
from environment.listeners import url_of

if TYPE_CHECKING:
    from django.conf import LazySettings


def web() -> None:
    """Prepare the site, then become a web worker of its own."""
    from chatsite.start import load_settings
    from supervisor.ports import host_name

    os.environ.setdefault("CHAT_WORKER", f"{host_name()}:web")
    load_settings()

    from django.conf import settings

    from supervisor.exceptions import SupervisorError
    from supervisor.plan import daphne
    from supervisor.ports import listen

    if missing := _missing(settings):
        print(f"web starts no other server. Set {', '.join(missing)}.", file=sys.stderr)
        sys.exit(2)
    os.environ["CHAT_DATA"] = str(settings.DATA)  # which may be relative to the current folder
    _prepare()
    try:
        listener = listen(settings.CHAT_PORT, "CHAT_PORT", settings.CHAT_HOST)
    except SupervisorError as error:
        sys.exit(str(error))
    _say(settings.CHAT_WORKER, f"The chat answers on {url_of(listener)}.")
    listener.set_inheritable(True)
    _become(daphne(listener.detach()))


def _say(process: str, sentence: str) -> None:
    from supervisor.lines import as_json
    from telemetry.logs import json_line

    print(json_line(process, "info", __name__, sentence) if as_json() else sentence, flush=True)


def _missing(settings: LazySettings) -> list[str]:
    """The variables without which a web worker of its own would ask servers that nobody has named."""
    model = settings.AZURE_API_BASE or settings.OPENAI_BASE_URL or settings.OPENAI_API_KEY
    needed = {"REDIS_URL": settings.REDIS_URL, "MOTORHEAD_URL": settings.MOTORHEAD_URL}
    return [name for name, value in {**needed, "OPENAI_API_KEY (or OPENAI_BASE_URL)": model}.items() if not value]


def memory() -> None:
    """Become the memory server."""
    _become(_python("motorhead"))


def model() -> None:
    """Become the stand-in model."""
    _become(_python("openai_standin"))


ROLES: dict[str, Callable[[], None]] = {"web": web, "memory": memory, "model": model}


def run(role: str, arguments: Sequence[str]) -> int:
    """Run one of `ROLES`, which ends the process. Returns only if there are ``arguments``, with status 2."""
    if arguments:
        print(f"{role} takes no options: it is configured by environment variables alone.", file=sys.stderr)
        return 2
    os.dup2(sys.stdout.fileno(), sys.stderr.fileno())
    os.umask(0o077)  # files hold keys and password hashes
    ROLES[role]()
    return 1


def _prepare() -> None:
    """Prepare the site in a process of its own, which takes its memory with it. Ends with it if it fails."""
    with subprocess.Popen(_python("supervisor.prepare"), cwd=ROOT) as task:  # noqa: S603 - a fixed command, no shell
        before = {
            number: signal.signal(number, lambda *_: task.terminate()) for number in (signal.SIGINT, signal.SIGTERM)
        }
        status = task.wait()
    for number, handler in before.items():
        signal.signal(number, handler)
    if status:
        sys.exit(max(status, 0))


def _python(module: str) -> tuple[str, ...]:
    from supervisor.plan import python

    return python(module)


def _become(command: Sequence[str]) -> NoReturn:
    os.chdir(ROOT)
    os.execv(command[0], [*command])  # noqa: S606 - a fixed command, no shell
