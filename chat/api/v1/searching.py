"""The call that searches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params.functions import Query
from pydantic import Field

from chat.api.v1.access import caller_of
from chat.api.v1.meanings import supported
from chat.api.v1.parameters import Cursor
from chat.domain.details import Match
from chat.domain.session_ids import any_session
from chat.sessions.search import search_sessions

router = Router(tags=["Sessions"])

#: The most characters of the words.
LONGEST = 200


class Found(Schema):
    """A place where the words are. Only a message has a number, a role and a time."""

    session: str
    title: str | None
    updated_at: datetime | None
    where: Annotated[str, Field(description="message, summary or title.")]
    excerpt: Annotated[str, Field(description="The text around the first word.")]
    marks: Annotated[list[list[int]], Field(description="Where the words are in it: from one character to another.")]
    message: Annotated[str | None, Field(description="The number of the message.")]
    role: str | None
    created_at: datetime | None


class FoundPage(Schema):
    """Matches, the newest session first. A page may be short, or empty, and still have a cursor."""

    results: list[Found]
    cursor: Annotated[str | None, Field(description="Continues the search; null once everything was searched.")]


@router.get("/search", response=FoundPage)
async def search(
    request: HttpRequest,
    q: str = Query(description="Up to ten words, in any order and case.", min_length=1, max_length=LONGEST),
    cursor: Cursor = None,
) -> FoundPage:
    """Search all sessions. The words may be in messages, summaries and titles. A call takes a second at most."""
    caller = caller_of(request)
    page = await supported(search_sessions(caller.owner, q, caller.memory, cursor))
    return FoundPage(results=[_found(match) for match in page.matches], cursor=page.cursor)


def _found(match: Match) -> Found:
    return Found(
        session=any_session(match.memory_id).id,
        title=match.title,
        updated_at=match.updated_at,
        where=match.where,
        excerpt=match.excerpt,
        marks=[list(pair) for pair in match.marks],
        message=match.message_id,
        role=match.role,
        created_at=match.created_at,
    )
