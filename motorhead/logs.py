"""The log of the memory server, never with text of a session."""

from __future__ import annotations

import logging

from telemetry import logs

#: The name of the process in lines for machines, as the supervisor names it.
PROCESS = "memory"


def configure(as_json: bool) -> None:
    """Log to standard error, as JSON or as text."""
    logs.configure(PROCESS, as_json=as_json)
    for noisy in ("uvicorn", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
