"""Calls about the messages of a session: read, and withdraw the newest."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Header, Query

from chat.api.v1.access import caller_of
from chat.api.v1.message_shapes import MessagePage, RewindTo, UIMessage, message_page, ui_messages
from chat.api.v1.parameters import IDEMPOTENCY_KEY, MessageId, SessionId
from chat.api.v1.places import message_at, place_of
from chat.domain.exceptions import TurnConflict
from chat.sessions.history import history
from chat.sessions.rewind import rewind
from chat.turns.validation import check_place, check_turn_id

router = Router(tags=["Messages"])

#: The most messages of a page.
MOST = 200


@router.get("/{session_id}/messages", response=MessagePage)
async def list_messages(
    request: HttpRequest,
    session_id: SessionId,
    before: str | None = Query(None, description="From the page behind it.", max_length=20),
    limit: int = Query(50, ge=1, le=MOST),
) -> MessagePage:
    """Read messages. They are in the order in which they were said, and include those that are in the summary.

    An unknown session has none. The newest page ends with the question that is being answered, if there is one, so that
    resuming the stream adds its answer behind it. A message has the same id here and in the stream.
    """
    caller = caller_of(request)
    parts = caller.parts
    return message_page(await history(caller.session(session_id), check_place(before), limit, parts.memory, parts.runs))


@router.get("/{session_id}/messages/{message_id}", response=UIMessage)
async def read_message(request: HttpRequest, session_id: SessionId, message_id: MessageId) -> UIMessage:
    """Read one message."""
    caller = caller_of(request)
    found = await message_at(caller.session(session_id), message_id, caller.memory)
    return next(ui_messages([found]))


@router.post("/{session_id}/rewind", response={204: None})
async def rewind_session(
    request: HttpRequest,
    session_id: SessionId,
    body: RewindTo,
    idempotency_key: str | None = Header(None, alias=IDEMPOTENCY_KEY, description="The same key rewinds once."),
) -> None:
    """Rewind a session. The messages behind one of the window are withdrawn, and erased.

    `instead` puts others in their place, as an undo of a regenerated answer does. With `newest`, it is refused if
    something was said since.
    """
    caller = caller_of(request)
    session, parts = caller.session(session_id), caller.parts
    try:
        await rewind(
            session,
            await place_of(session, body.after, parts.memory),
            parts.memory,
            parts.runs,
            parts.bells,
            instead=body.messages(),
            newest=body.newest and await place_of(session, body.newest, parts.memory),
            request_id=None if idempotency_key is None else f"rewind-{check_turn_id(idempotency_key)}",
        )
    except TurnConflict:
        raise TurnConflict("key") from None
