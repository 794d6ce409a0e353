"""What a line of the log may hold: where something went wrong, never whose session it was or what was said there.

The chat's own messages are constant sentences and pass. Django names the path that was asked for, which can hold a
session's id: its route is named instead. Libraries may put anything into their messages (a request, an exception's
words): their values are left out. A traceback keeps every frame and every exception's type, not its words.
"""

from __future__ import annotations

import copy
import errno
import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TypeAlias

ExceptionInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]  # as `logging` has it
)

#: In the place of what is left out.
CUT = "…"
#: Of a library's message that came without values: it may be longer where they are in it already.
LONGEST = 200

PLACEHOLDER = re.compile(r"%(\(\w+\))?[-#0 +]*[\d*]*(\.[\d*]+)?[a-zA-Z]")
FRAME = re.compile(r'^ *File ".*", line \d+, in .*$', re.MULTILINE)
BEHIND_HOST = re.compile(r"(\bhttps?://[^/?#\s]*)[/?#]\S*")


class LineFormatter(logging.Formatter):
    """``time LEVEL logger: message``, then the traceback, if there is one."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line (or lines) for ``record``, which itself stays as it is."""
        told = copy.copy(record)
        told.msg, told.args, told.exc_text = _message(record), (), None
        return super().format(told)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the name is logging's
        """Frames and types of an exception, and of those that led to it."""
        return "\n".join(_told(ei[1], set())) if ei[1] is not None else ""


def _message(record: logging.LogRecord) -> str:
    match record.name.partition(".")[0]:
        case "chat":
            return record.getMessage()
        case "django":
            return _of_django(record)
        case _:
            return _of_a_library(record)


def _of_django(record: logging.LogRecord) -> str:
    """Django's message with the route in place of the path, and of other addresses the site alone."""
    route = _route(record)
    given = record.args if isinstance(record.args, tuple) else ()
    shown = tuple(route if isinstance(each, str) and each.startswith("/") else each for each in given)
    text = str(record.msg) % shown if shown else str(record.msg)
    return BEHIND_HOST.sub(rf"\1/{CUT}", text)


def _route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return f"/{match.route}" if match is not None else f"/{CUT}"


def _of_a_library(record: logging.LogRecord) -> str:
    """The first line of a library's message without its values, then the frames of a traceback that is among them."""
    if not isinstance(record.msg, str):
        return f"({type(record.msg).__name__})"
    first = record.msg.partition("\n")[0]
    first = PLACEHOLDER.sub(CUT, first) if record.args else first[:LONGEST]
    values = record.args if isinstance(record.args, tuple) else ()
    texts = (each for each in (record.msg, *values) if isinstance(each, str))
    return "\n".join([first, *(frame for text in texts for frame in FRAME.findall(text))])


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _told(before, seen)
        yield "That led to:"
    yield "Traceback (most recent call last):"
    yield from (frame.rstrip() for frame in traceback.format_tb(error.__traceback__))
    yield _kind(error)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield f"In it, a {type(each).__qualname__}:"
            yield from _told(each, seen)


def _kind(error: BaseException) -> str:
    code = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    known = f" [{code}]" if code else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{known}: {CUT}"
