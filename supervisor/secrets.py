"""Which variables of the supervisor's environment a child may see: secrets only if it needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Where the supervisor itself is to report that it lives.
OWN = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}
#: Words in the names of secrets. Addresses belong to them: they may contain a password.
SECRET = re.compile(r"(^|_)(KEY|KEYS|TOKEN|TOKENS|SECRET|SECRETS|PASSWORD|PASSWD|CREDENTIALS|URL|URI|DSN)($|_)")


def permitted(environment: Mapping[str, str], prefixes: tuple[str, ...]) -> dict[str, str]:
    """``environment`` without the secrets whose names begin with none of ``prefixes``."""
    others = {name: value for name, value in environment.items() if name not in OWN}
    return {
        name: value for name, value in others.items() if name.startswith(prefixes) or not SECRET.search(name.upper())
    }
