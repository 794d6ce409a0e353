"""Calls that show what the model saw."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Path

from chat.api.v1.access import caller_of
from chat.api.v1.parameters import MessageId, SessionId
from chat.api.v1.places import place_of
from chat.api.v1.prompt_shapes import Prompt, prompt_of
from chat.sessions.seen import what_a_reply_came_from, what_the_model_saw
from chat.turns.validation import check_turn_id

router = Router(tags=["What the model saw"])


@router.get("/{session_id}/turns/{turn_id}/prompt", response=Prompt)
async def read_prompt_of_turn(
    request: HttpRequest,
    session_id: SessionId,
    turn_id: str = Path(description="The `turnId` in a message's metadata.", max_length=128),
) -> Prompt:
    """Read the prompt of a turn. It is known while the turn is answered and for five minutes after."""
    caller = caller_of(request)
    record = await what_the_model_saw(caller.session(session_id), check_turn_id(turn_id), caller.parts.runs)
    return prompt_of(record)


@router.get("/{session_id}/messages/{message_id}/prompt", response=Prompt)
async def read_prompt_of_reply(request: HttpRequest, session_id: SessionId, message_id: MessageId) -> Prompt:
    """Read the prompt of a reply. It is known for five minutes."""
    caller = caller_of(request)
    session, parts = caller.session(session_id), caller.parts
    number = await place_of(session, message_id, parts.memory)
    return prompt_of(await what_a_reply_came_from(session, number, parts.memory, parts.runs))
