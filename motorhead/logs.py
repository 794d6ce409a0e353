"""The log: lines of text for people or JSON for machines, never with text of a session.

Tracebacks are logged without the error's message, because the message may quote text of a session.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

_Exception = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TextLines(logging.Formatter):
    """``2026-01-01 12:00:00,000 INFO motorhead.server: …``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: _Exception) -> str:  # noqa: N802 - logging's own name
        """The traceback without the error's message."""
        return _where(ei)


class JsonLines(logging.Formatter):
    """One JSON object per line: time (UTC), level, logger, message and, for an error, its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON object."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = _where(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(as_json: bool) -> None:
    """Log to standard error, as JSON or as text."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("uvicorn", "aiohttp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _where(error: _Exception) -> str:
    if error[0] is None:
        return ""
    return "".join([*traceback.format_tb(error[2]), error[0].__name__])
