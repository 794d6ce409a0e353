"""The supervisor's own lines on standard error: for people, or as JSON for machines (``CHAT_LOG``)."""

from __future__ import annotations

import sys
from contextlib import suppress

from django.conf import settings

from telemetry.logs import json_line

#: What the lines of this program begin with, or the name of the process in JSON.
PROCESS = "serve"


def tell(sentence: str, level: str = "info") -> None:
    """Write a line. A terminal that is gone is no error: the site goes on."""
    line = json_line(PROCESS, level, "supervisor", sentence) if as_json() else f"{PROCESS}: {sentence}"
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def as_json() -> bool:
    """Whether lines are for machines. Before the settings are read, and where they are wrong, a person reads them."""
    return bool(settings.configured and settings.CHAT_LOG == "json")
