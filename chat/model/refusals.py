"""Turns the errors of a model's server, and those of the way to it, into the chat's own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

import aiohttp

from chat.domain.exceptions import (
    ModelBusy,
    ModelError,
    ModelFailed,
    ModelNotUnderstood,
    ModelRefused,
    ModelStalled,
    PromptTooLong,
    RolesRefused,
)
from chat.model import wordings

#: Statuses of a server that has too much to do; the second is Anthropic's.
OVERLOADED = (503, 529)
#: Statuses that are not the request's fault: time-outs, locks, and everything from 500.
PASSING = (408, 409, 425)

#: The longest wait that is passed on, in seconds. Servers name longer ones by mistake, a time since 1970 for instance.
LONGEST_WAIT = 86_400.0

_WAIT = re.compile(r"(?:try again|retry) (?:in|after) ((?:[\d.]+ ?(?:ms|s|m|h|d)[a-z]* ?)+)", re.IGNORECASE)
_PART = re.compile(r"([\d.]+) ?(milli|ms|s|m|h|d)", re.IGNORECASE)
_SECONDS = {"milli": 0.001, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn the errors of reading an answer into ours: a lost connection, silence, an unexpected form."""
    try:
        yield
    except ModelError:
        raise
    except (aiohttp.ClientError, OSError) as error:  # `TimeoutError` is one
        raise ModelStalled(begun=False) from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:  # LangChain did not expect this shape
        raise ModelNotUnderstood from error


def refusal(
    status: int | None, body: object, headers: Mapping[str, str] | None = None, *, azure: bool = False
) -> ModelError:
    """The error that a server reports with ``status`` (None: in a stream, without one), ``body`` and ``headers``."""
    words = wordings.words_of(body)
    if wordings.is_too_long(words, status):
        return PromptTooLong(wordings.limit_in(words), status=status)
    if wordings.is_about_roles(words):
        return RolesRefused("roles", status=status)
    wait = wait_in(headers or {}, words)
    if status == 402 or wordings.is_out_of_quota(words, may_wait=wait is not None):
        return ModelRefused("quota", status=status)
    match status:
        case None:
            return ModelStalled(begun=False)
        case 429:
            return ModelBusy("rate", status, wait)
        case _ if status in OVERLOADED:
            return ModelBusy("overloaded", status, wait)
        case _ if status in PASSING or status >= 500:
            return ModelFailed(status=status)
    return _lasting(status, words, azure=azure)


def _lasting(status: int, words: str, *, azure: bool) -> ModelRefused:
    """The error about a request that would be refused again."""
    if wordings.is_about_api_version(words):
        return ModelRefused("api_version", status=status)
    if status == 403 and wordings.is_blocked(words):
        return ModelRefused("filter", status=status)
    if status in {401, 403}:
        return ModelRefused("azure_key", status=status) if azure else ModelRefused("key", status=status)
    if status == 404 or wordings.is_about_model(words):
        return ModelRefused("deployment", status=status) if azure else ModelRefused("name", status=status)
    if wordings.is_filtered(words):
        return ModelRefused("filter", status=status)
    return ModelRefused("request", status=status)


def wait_in(headers: Mapping[str, str], words: str = "") -> float | None:
    """Seconds after which a server wants to be asked again, by its ``headers`` or its ``words``; None: not said.

    At most `LONGEST_WAIT`.
    """
    wait = _wait_in_headers(headers)
    wait = _worded(words) if wait is None else wait
    return None if wait is None else min(max(0.0, wait), LONGEST_WAIT)


def _wait_in_headers(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if isfinite(seconds):
            return seconds
    return _until(headers.get("retry-after", ""))


def _until(date: str) -> float | None:
    """Seconds until an HTTP ``date``. One with the zone -0000 is in UTC as well."""
    try:
        then = parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return None
    return (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _worded(words: str) -> float | None:
    """The seconds in "Please retry after 45 seconds", "Please try again in 1m2.5s" and their like."""
    if not (found := _WAIT.search(words)):
        return None
    try:
        return sum(float(count) * _SECONDS[unit.lower()] for count, unit in _PART.findall(found[1]))
    except ValueError:  # "1.2.3"
        return None
