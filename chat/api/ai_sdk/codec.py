"""The codec for the AI SDK's ``WebSocketChatTransport``."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from itertools import count

from chat.api.ai_sdk import frames
from chat.api.ai_sdk.chunks import AnswerFrames, watched_memory
from chat.api.ai_sdk.frames import encode
from chat.api.ai_sdk.message_ids import is_given, is_of
from chat.api.codec import (
    AbortRequest,
    Asked,
    Close,
    Output,
    Query,
    Replaced,
    ResumeRequest,
    SendRequest,
    WatchRequest,
    always,
    never,
)
from chat.api.past import Past
from chat.domain.events import Restarted
from chat.domain.exceptions import ChatError, RunLogUnreachable
from chat.domain.messages import Memory
from chat.domain.runs import Entry

#: Close codes. The client treats both as a lost connection, after which it resumes. (1012 and 1013 mean the same, but
#: Daphne's websocket library cannot send codes between 1001 and 2999.)
ANSWER_RESTARTED = 4012
TRY_AGAIN_LATER = 4013


class AiSdkCodec:
    """`chat.api.codec.Codec` for npm ``ai``."""

    def __init__(self, query: Query) -> None:
        """The query is ignored."""

    def opening(self) -> None:
        """None: this client makes its requests only in frames."""

    def decode(self, frame: str) -> Asked | AbortRequest:
        """The request in a frame. Raises `InvalidFrame`: the frame cannot be understood."""
        match frames.decode(frame):
            case frames.Send() as sent:
                return _send(sent)
            case frames.Resume(request_id, session_id, body=frames.ResumeBody(watch="memory")):
                return WatchRequest(request_id, session_id)
            case frames.Resume(request_id, session_id):
                return ResumeRequest(request_id, session_id)
            case frames.Abort(request_id):
                return AbortRequest(request_id)

    def request_id_of(self, frame: str) -> str:
        """The frame's ``requestId``; "" if it has none."""
        return frames.request_id_of(frame)

    async def answer(
        self, request_id: str, entries: AsyncGenerator[Entry], *, resumed: bool = False, past: Past | None = None
    ) -> AsyncGenerator[Output]:
        """A start frame, then chunks. Closes the socket if the answer may continue elsewhere: an error would end it."""
        yield encode(frames.Start(request_id))
        answer = AnswerFrames(request_id, resumed=resumed)
        try:
            async with aclosing(entries):
                async for entry in entries:
                    if isinstance(entry.event, Restarted):
                        yield Close(ANSWER_RESTARTED)
                        return
                    for frame in answer.frames(entry.event):
                        yield encode(frame)
        except RunLogUnreachable:
            yield Close(TRY_AGAIN_LATER)

    async def memories(self, request_id: str, memories: AsyncGenerator[Memory]) -> AsyncGenerator[Output]:
        """A start frame, then a transient part for each memory."""
        yield encode(frames.Start(request_id))
        sequence = count()
        async with aclosing(memories):
            async for memory in memories:
                yield encode(frames.Chunk(request_id, next(sequence), watched_memory(memory)))
                del memory

    def end(self, request_id: str) -> Iterator[Output]:
        """The frame that tells the client that the answer is complete."""
        yield encode(frames.End(request_id))

    def nothing_to_resume(self, request_id: str) -> Iterator[Output]:
        """A frame that is not an error to the client."""
        yield encode(frames.NoActive(request_id))

    def failure(self, request_id: str, error: ChatError) -> Iterator[Output]:
        """An error frame, which ends its request."""
        yield encode(frames.failure(request_id, error))


def _send(sent: frames.Send) -> SendRequest:
    """The request in a send. Only the newest message of its history, which may be the whole session, is read."""
    message = frames.last_user_message(sent.messages)
    named = frames.named_turn(sent) is not None
    return SendRequest(
        request_id=sent.requestId,
        session_id=sent.id,
        text=message.text,
        turn_id=frames.turn_id_of(sent, message),
        attempt_id=None if named else frames.new_attempt_id(sent, message),
        retry=sent.trigger == frames.REGENERATE,
        replaced=_replaced(sent, message.id),
    )


def _replaced(sent: frames.Send, message_id: str) -> Replaced | None:
    """What a send replaces. The client that answers its last message again names only the user's message."""
    if sent.trigger == frames.SUBMIT and sent.messageId is None:
        return None
    ids = {each for each in (sent.messageId, message_id) if each}
    return Replaced(
        is_it=lambda message: any(is_of(each, message) for each in ids),
        is_last=always if sent.messageId is None else never,
        was_there=any(map(is_given, ids)),
    )
