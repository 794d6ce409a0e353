"""The websocket ``/ws/v1/chat``: sessions for frontends that use the AI SDK.

A socket carries any number of requests, of any of its owner's sessions. Each is a task of its own, so that a stop is
heard while an answer streams; they end with the socket, and what they listened to goes on without them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from chat.api.ai_sdk.chunks import Answer
from chat.api.ai_sdk.frames import (
    SUBPROTOCOL,
    Abort,
    End,
    Failure,
    NoActive,
    Resume,
    Send,
    ServerFrame,
    Start,
    decode,
    encode,
    failure,
    request_id_of,
)
from chat.api.turns import begin_turn
from chat.components import Components, components
from chat.domain.events import Restarted
from chat.domain.exceptions import AccessDenied, ChatError, InvalidRequest, RunLogUnreachable, RunUnknown, Unforeseen
from chat.domain.session_ids import Session, owned_session
from chat.sockets.consumer import SocketConsumer
from chat.sockets.forgetting import Once, forget_credentials
from chat.web.handshake import authenticate

logger = logging.getLogger(__name__)

#: Close codes. To the client both are a lost connection, after which it resumes. (1012 and 1013 would say the same,
#: but Daphne's websocket library sends none between 1001 and 2999.)
BEGUN_ANEW = 4012
TRY_AGAIN_LATER = 4013

#: Requests that a socket may have open at once.
MAX_REQUESTS = 32


@dataclass
class _Request:
    """A send or a resume under way. ``turn_id`` is "" until ``known``, and for good when there is no turn."""

    id: str
    session: Session
    turn_id: str = ""
    known: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False

    def name_turn(self, turn_id: str) -> None:
        """Say which turn it is about, to a stop that may be waiting to know."""
        self.turn_id = turn_id
        self.known.set()


class ChatConsumer(SocketConsumer):
    """One socket of one owner. ``parts`` gives what it works with: by default, this process's own."""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__(parts)
        self._owner: str
        self._requests: dict[str, _Request] = {}

    async def connect(self) -> None:
        """Accept the handshake, always: a browser learns nothing from a refusal. Then say no where it must be said."""
        await self.accept(_chosen(self.scope["subprotocols"]))
        try:
            self._owner = authenticate(self.scope)
        except AccessDenied as denied:
            await self._say(failure("", denied))
            await self.close(denied.close_code)
        forget_credentials(self.scope)

    async def take(self, text: str) -> None:
        """Begin what a frame asks for."""
        frame = decode(text)
        if isinstance(frame, Abort):
            await self._take_stop(frame.requestId)
            return
        if frame.requestId in self._requests:
            raise InvalidRequest("id_in_use", request_id=frame.requestId)
        if len(self._requests) >= MAX_REQUESTS:
            raise InvalidRequest("too_many_open", limit=MAX_REQUESTS)
        request = _Request(frame.requestId, owned_session(self._owner, frame.id))
        self._requests[request.id] = request
        self._spawn(self._carry_out(request, Once(frame)))

    async def refuse(self, text: str, error: ChatError) -> None:
        """Say what is wrong with a frame."""
        await self._say(failure(self._unless_streaming(request_id_of(text)), error))

    async def _take_stop(self, request_id: str) -> None:
        request = self._requests.get(request_id)
        if request is None:
            nothing = "There is nothing to stop under this requestId: its answer has already finished."
            await self._say(Failure(request_id, nothing, "already_finished"))
        elif not request.stopping:
            request.stopping = True
            self._spawn(self._stop(request))

    def _unless_streaming(self, request_id: str) -> str:
        """``request_id``, or "" where an answer streams under it: an error frame in its name would end that."""
        return "" if request_id in self._requests else request_id

    # --- what a request does ------------------------------------------------------------------------------------------

    async def _carry_out(self, request: _Request, asked: Once[Send | Resume]) -> None:
        """The task of a request: the boundary at which an error becomes its last frame."""
        try:
            last = await self._answer(request, asked)
        except ChatError as error:
            last = failure(request.id, error)
        except Exception:
            logger.exception("A request on a websocket failed in a way nobody foresaw.")
            last = failure(request.id, Unforeseen())
        finally:
            del self._requests[request.id]
            request.known.set()
        if last is not None:
            await self._say(last)

    async def _answer(self, request: _Request, asked: Once[Send | Resume]) -> ServerFrame | None:
        turn_id, resumes = await self._find_turn(request.session, asked.take())
        if turn_id is None:
            return NoActive(request.id)
        request.name_turn(turn_id)
        try:
            return await self._stream(request)
        except RunUnknown:
            if resumes:
                return NoActive(request.id)
            raise

    async def _find_turn(self, session: Session, frame: Send | Resume) -> tuple[str | None, bool]:
        """The turn that ``frame`` asks for, begun if it is a new one, and whether it is resumed."""
        parts = self._parts()
        if isinstance(frame, Send):
            return await begin_turn(parts.runs, parts.memory, session, frame), False
        state = await parts.runs.current(session)
        return state.turn_id if state else None, True

    async def _stream(self, request: _Request) -> ServerFrame | None:
        """Send the answer as it comes; the frame that ends it, None when the socket has to be closed instead."""
        await self._say(Start(request.id))
        answer = Answer(request.id)
        try:
            async with aclosing(self._parts().runs.tail(request.session, request.turn_id)) as entries:
                async for entry in entries:
                    if isinstance(entry.event, Restarted):
                        await self.close(BEGUN_ANEW)
                        return None
                    for frame in answer.frames(entry.event):
                        await self._say(frame)
        except RunLogUnreachable:  # the answer may well go on: an error frame would be its end for the client
            await self.close(TRY_AGAIN_LATER)
            return None
        return End(request.id)

    async def _stop(self, request: _Request) -> None:
        await request.known.wait()
        try:
            if request.turn_id:
                await self._parts().runs.stop(request.session, request.turn_id)
        except ChatError as error:
            await self._say(failure(self._unless_streaming(request.id), error))

    # --- small things -------------------------------------------------------------------------------------------------

    async def _say(self, frame: ServerFrame) -> None:
        await self._put(encode(frame))


def _chosen(offered: Sequence[str]) -> str | None:
    """The subprotocol to accept: a browser breaks off when it offered any and none is chosen."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
