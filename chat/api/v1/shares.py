"""Calls about share links, whose holders read a session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Schema
from ninja.params.functions import Path
from pydantic import Field

from chat.api.v1.access import caller_of
from chat.api.v1.parameters import SessionId
from chat.domain.exceptions import ShareEnded
from chat.grants.shares import Share
from chat.sessions.sharing import share_session
from chat.web.links import whole_address

router = Router(tags=["Share links"])


class Link(Schema):
    """A link to a session. Its address is not kept, so it is shown only once, to whom has made it."""

    id: str
    session: str
    created_at: datetime


class NewLink(Link):
    """A link that has just been made."""

    url: Annotated[str, Field(description="The page that shows the session to anybody who has this address.")]


class Links(Schema):
    """Links, the newest first."""

    links: list[Link]


@router.get("/shares", response=Links)
async def list_links(request: HttpRequest) -> Links:
    """List all share links."""
    caller = caller_of(request)
    return Links(links=[_link(share) for share in await caller.parts.grants.shares.list(caller.owner)])


@router.get("/sessions/{session_id}/shares", response=Links)
async def list_links_of_session(request: HttpRequest, session_id: SessionId) -> Links:
    """List the share links of a session."""
    caller = caller_of(request)
    session = caller.session(session_id)
    links = await caller.parts.grants.shares.list(caller.owner)
    return Links(links=[_link(share) for share in links if share.memory_id == session.memory_id])


@router.post("/sessions/{session_id}/shares", response={201: NewLink})
async def share(request: HttpRequest, session_id: SessionId) -> NewLink:
    """Share a session by a link. Who has it reads the session as it is at that moment, until the link is revoked."""
    caller = caller_of(request)
    session, shares = caller.session(session_id), caller.parts.grants.shares
    secret = await share_session(session, caller.memory, shares)
    made = await shares.find(secret)
    if made is None:  # the session was deleted at the same time
        raise ShareEnded
    address = whole_address(request, reverse("chat:shared", args=[secret]))
    return NewLink(**_link(made).model_dump(), url=address)


@router.delete("/shares/{share_id}", response={204: None})
async def revoke_link(
    request: HttpRequest, share_id: str = Path(description="The `id` of a link.", max_length=64)
) -> None:
    """Revoke a share link. Revoking one that has ended is not an error."""
    caller = caller_of(request)
    await caller.parts.grants.shares.revoke(caller.owner, share_id)


def _link(share: Share) -> Link:
    return Link(id=share.id, session=share.session.id, created_at=datetime.fromtimestamp(share.created, UTC))
