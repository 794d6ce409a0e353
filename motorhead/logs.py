"""The log of the memory server, never with text of a session."""

from __future__ import annotations

import logging

from telemetry import logs


def configure(as_json: bool, process: str = "") -> None:
    """Log to standard error, as JSON or as text. ``process``: its name in JSON."""
    logs.configure(process or "memory", as_json=as_json)
    for noisy in ("uvicorn", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
