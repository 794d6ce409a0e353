"""The log: a line for a person or a JSON object for a machine, never with text of a session.

A traceback is told without the error's own words, because these may quote what was being handled.
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
        """The traceback without the error's words."""
        return _where(ei)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message and, for an error, where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
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
    """Log to standard error in one of the two forms."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("uvicorn", "httpx2", "httpcore2", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _where(error: _Exception) -> str:
    if error[0] is None:
        return ""
    return "".join([*traceback.format_tb(error[2]), error[0].__name__])
