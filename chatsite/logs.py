"""Log lines that say where something went wrong, but never whose session it was or what was said in it.

The chat's own messages are constant sentences, and are logged as they are; those of the link to Redis name at most a
server. Django logs the requested path, which can contain a session id, so the route is logged instead; and a traceback
with each refusal, which is left out. Libraries may put anything into their messages (a request, the text of an
exception), so their values are left out. A traceback keeps its frames and the types of exceptions, without their texts.
"""

from __future__ import annotations

import copy
import errno
import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any, TypeAlias

from telemetry.logs import first_words, json_line

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]  # as in `logging`
)

#: Replaces everything that is left out.
CUT = "…"
#: The lowest status of an answer that is an error of the site.
ERROR = 500
#: The path of the health check that can fail, and the status with which it does.
PROBED, UNREADY = "/readyz", 503
#: Characters to keep of a library's message without values, which may already be part of its text.
LONGEST = 200

PLACEHOLDER = re.compile(r"%(\(\w+\))?[-#0 +]*[\d*]*(\.[\d*]+)?[a-zA-Z]")
FRAME = re.compile(r'^ *File ".*", line \d+, in .*$', re.MULTILINE)
BEHIND_HOST = re.compile(r"(\bhttps?://[^/?#\s]*)[/?#]\S*")


def log_settings(form: str, worker: str) -> dict[str, Any]:
    """Django's setting for lines in this ``form``, "text" or "json", of the process ``worker``.

    Errors go to standard error. There is no access log, and no line has a path or query: a path can contain a session
    id, a query a ticket.
    """
    formatter = {"()": "chatsite.logs.LineFormatter"}
    if form == "json":
        formatter = {"()": "chatsite.logs.JsonLineFormatter", "process": worker}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"not of probes": {"()": "chatsite.logs.NotOfProbes"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "chat": {"level": "INFO"},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "django.request": {"filters": ["not of probes"]},
            "django.channels.server": {"level": "ERROR"},
            "uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "uvicorn.error": {"level": "WARNING"},  # below WARNING, it logs the path and query of every socket
            "uvicorn.access": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # each logs a traceback, and anyone can send them
        },
    }


class NotOfProbes(logging.Filter):
    """Leaves out the answers of a worker that is not ready: a load balancer asks every second or two."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether ``record`` is of anything else."""
        path = getattr(getattr(record, "request", None), "path_info", "")
        return (path, getattr(record, "status_code", 0)) != (PROBED, UNREADY)


class LineFormatter(logging.Formatter):
    """Formats a record as ``time LEVEL logger: message``, followed by its traceback."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The text of ``record``, which is not modified."""
        return super().format(_cleaned(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the name is logging's
        """The frames and types of an exception, and of those that led to it."""
        return "\n".join(_traceback(ei[1], set())) if ei[1] is not None else ""


class JsonLineFormatter(LineFormatter):
    """Formats a record as a JSON object with the fields of `telemetry.logs`. ``process``: what writes them."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The JSON of ``record``, which is not modified."""
        cleaned = _cleaned(record)
        trace = self.formatException(cleaned.exc_info) if cleaned.exc_info else ""
        return json_line(
            self._process, record.levelname, record.name, cleaned.getMessage(), trace, created=record.created
        )


def _cleaned(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of ``record`` without what must not be logged."""
    cleaned = copy.copy(record)
    cleaned.msg, cleaned.args, cleaned.exc_text = _message(record), (), None
    if getattr(record, "status_code", ERROR) < ERROR:
        cleaned.exc_info = None
    return cleaned


def _message(record: logging.LogRecord) -> str:
    match record.name.partition(".")[0]:
        case "chat" | "redis_link":
            return record.getMessage()
        case "django":
            return _of_django(record)
        case "asyncio":
            return _with_frames(first_words(record.getMessage()), record)
        case "py":  # a warning: file and line, kind, text
            return ": ".join(record.getMessage().split(": ", 2)[:2])
        case _:
            return _of_a_library(record)


def _of_django(record: logging.LogRecord) -> str:
    """Django's message with the route in place of the path, and other addresses cut to their origin."""
    route = _route(record)
    given = record.args if isinstance(record.args, tuple) else ()
    shown = tuple(route if isinstance(each, str) and each.startswith("/") else each for each in given)
    text = str(record.msg) % shown if shown else str(record.msg)
    return BEHIND_HOST.sub(rf"\1/{CUT}", text)


def _route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return f"/{match.route}" if match is not None else f"/{CUT}"


def _of_a_library(record: logging.LogRecord) -> str:
    """The first line of a library's message without its values, then the frames of any traceback in it."""
    if not isinstance(record.msg, str):
        return f"({type(record.msg).__name__})"
    first = record.msg.partition("\n")[0]
    return _with_frames(PLACEHOLDER.sub(CUT, first) if record.args else first[:LONGEST], record)


def _with_frames(first: str, record: logging.LogRecord) -> str:
    """The line, then the frames of any traceback in the record's message."""
    values = record.args if isinstance(record.args, tuple) else ()
    texts = (each for each in (record.msg, *values) if isinstance(each, str))
    return "\n".join([first, *(frame for text in texts for frame in FRAME.findall(text))])


def _traceback(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _traceback(before, seen)
        yield "That led to:"
    yield "Traceback (most recent call last):"
    yield from (frame.rstrip() for frame in traceback.format_tb(error.__traceback__))
    yield _kind(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield f"In it, a {type(each).__qualname__}:"
            yield from _traceback(each, seen)


def _kind(error: BaseException) -> str:
    code = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    known = f" [{code}]" if code else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{known}: {CUT}"
