"""Log lines: text for people, or JSON for machines, with the same fields in every part of the site.

The fields are ``time`` (UTC), ``level``, ``process`` (as the supervisor names it), ``pid``, ``logger``, ``message``
and, for an error, ``trace``. A trace has no error's message, because that may quote text of a session.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from datetime import UTC, datetime
from types import TracebackType

_Exception = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def json_line(
    process: str, level: str, logger: str, message: str, trace: str = "", *, created: float | None = None
) -> str:
    """One line as a JSON object. ``created``: its time, in seconds since 1970; by default now."""
    moment = datetime.fromtimestamp(time.time() if created is None else created, UTC)
    line = {
        "time": moment.isoformat(timespec="milliseconds"),
        "level": level.lower(),
        "process": process,
        "pid": os.getpid(),
        "logger": logger,
        "message": message,
    }
    if trace:
        line["trace"] = trace
    return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """``2026-01-01 12:00:00,000 INFO motorhead.server: …``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: _Exception) -> str:  # noqa: N802 - logging's own name
        """The traceback without the error's message."""
        return _where(ei)


class JsonLines(logging.Formatter):
    """One JSON object per line. ``process``: what writes them."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON object."""
        trace = _where(record.exc_info) if record.exc_info else ""
        message = record.getMessage()
        return json_line(self._process, record.levelname, record.name, message, trace, created=record.created)


def configure(process: str, *, as_json: bool, level: int = logging.INFO) -> None:
    """Log to standard error, as JSON or as text."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(process) if as_json else TextLines())
    handler.addFilter(without_values)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if as_json:
        report_uncaught(process)


def report_uncaught(process: str) -> None:
    """Write what Python itself would print as JSON: errors that nothing catches, in any thread, and its warnings."""

    def report(logger: str, error: BaseException | None) -> None:
        trace = _where((type(error), error, error.__traceback__)) if error else ""
        print(json_line(process, "critical", logger, "An error was not caught.", trace), file=sys.stderr, flush=True)

    sys.excepthook = lambda kind, error, trace: report("python", error)
    threading.excepthook = lambda found: (
        None if found.exc_type is SystemExit else report("python.threads", found.exc_value)
    )
    sys.unraisablehook = lambda found: report("python.unraisable", found.exc_value)
    logging.captureWarnings(True)


def without_values(record: logging.LogRecord) -> bool:
    """A filter that keeps every record, but of asyncio's messages only the first words."""
    if record.name == "asyncio":
        record.msg, record.args = first_words(record.getMessage()), ()
    return True


def first_words(message: str) -> str:
    """What a message of asyncio's begins with, before the errors and arguments that it shows."""
    return re.split(r"[\n(<]", message, maxsplit=1)[0].rstrip()


def _where(error: _Exception) -> str:
    if error[0] is None:
        return ""
    return "".join([*traceback.format_tb(error[2]), error[0].__name__])
