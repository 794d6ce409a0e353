"""The ETag of a summary: which summary it is, and what else was in the answer."""

from __future__ import annotations

import hashlib

from django.utils.http import parse_etags

from chat.domain.exceptions import NotSupported, SummaryChanged, UnknownSession, UnseenSummary
from chat.domain.messages import Memory

#: Between the two parts. The first is that of the memory server.
BETWEEN = "."


def etag_of(memory: Memory, answer: bytes) -> str | None:
    """The ETag of an ``answer`` with the summary of ``memory``; None where the memory server has no tags."""
    if memory.summary_tag is None:
        return None
    return f'"{_bare(memory.summary_tag)}{BETWEEN}{hashlib.sha256(answer).hexdigest()[:16]}"'


def seen_tag(memory: Memory, if_match: str | None) -> str:
    """The tag of the present summary, for an edit by somebody who has seen it: ``if_match`` is their header.

    An answer in which only the window was another one will do. Raises `UnseenSummary`: the header is missing;
    `SummaryChanged`: they have seen another summary; `UnknownSession` and `NotSupported`: no summary can be edited.
    """
    if memory.summary_tag is None:
        raise UnknownSession if memory.can_change else NotSupported
    seen = {_bare(tag).partition(BETWEEN)[0] for tag in parse_etags(if_match or "")}
    if not seen:
        raise UnseenSummary
    if not seen & {"*", _bare(memory.summary_tag)}:
        raise SummaryChanged
    return memory.summary_tag


def _bare(tag: str) -> str:
    return tag.removeprefix("W/").strip('"')
