"""The websocket ``/ws/v1/chat``: sessions for other frontends, in the wire format of their client.

A socket carries any number of requests, for any of its owner's sessions. Each is a task of its own, so that a stop is
received while an answer streams. The tasks end with the socket; the runs that they read continue.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qs

from chat.api.codec import (
    AbortRequest,
    Asked,
    Close,
    Codec,
    Output,
    ResumeRequest,
    SendRequest,
    WatchRequest,
    scopes_for,
)
from chat.api.past import Past, no_entries
from chat.api.subprotocols import DEFAULT, chosen, codec_of
from chat.api.turns import begin_turn, turn_to_show
from chat.api.watching import memories
from chat.components import Components, components
from chat.domain.exceptions import (
    AccessDenied,
    AlreadyFinished,
    ChatError,
    InvalidRequest,
    RunLogUnreachable,
    RunUnknown,
    TooManyPages,
    TooManySockets,
    Unforeseen,
    UnknownSubprotocol,
)
from chat.domain.session_ids import Session, owned_session
from chat.grants.scopes import Scope
from chat.metrics import metrics
from chat.sessions.feed import MemoryFeed
from chat.sockets.consumer import SocketConsumer
from chat.sockets.forgetting import Once, for_each, forget_credentials
from chat.sockets.replay_limit import replay_limit
from chat.sockets.stops import Effective
from chat.web.gates import lookups, through

logger = logging.getLogger(__name__)

#: Requests that a socket may have open at the same time.
MAX_REQUESTS = 32
#: Those of them that may watch a memory.
MAX_WATCHES = 4
#: Seconds for which a refused socket stays open for its first request.
REQUEST_WITHIN = 10.0
#: Refused sockets of this process that may wait for a request at the same time; any more are closed at once.
refused_sockets = asyncio.Semaphore(100)

Refusal: TypeAlias = UnknownSubprotocol | AccessDenied | TooManyPages | TooManySockets
#: The close code while Redis does not answer; the client may connect again in a moment.
STORE_AWAY = 4013


@dataclass
class _Request:
    """A request in progress. ``turn`` is set when it is ``known``; a watch, and a request that fails, have none.

    ``stopped``: waits for the stops that came before it on its socket. ``over``: its client has ended the watch.
    """

    id: str
    resumes: bool
    watches: bool
    stopped: Effective
    turn: tuple[Session, str] | None = None
    known: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def name_turn(self, session: Session, turn_id: str) -> None:
        """Set the turn, for a stop that may be waiting for it."""
        self.turn = session, turn_id
        self.known.set()


class ChatConsumer(SocketConsumer):
    """One socket of one owner. ``parts`` returns the components to use, by default this process's."""

    door = "websocket"

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__(parts)
        self._owner: str
        self._lookups: asyncio.Semaphore
        self._loading = asyncio.Semaphore(1)  # else a client that does not read has many answers loaded
        self._codec: Codec
        self._requests: dict[str, _Request] = {}
        self._ended: deque[str] = deque(maxlen=MAX_REQUESTS)
        self._refusal: Refusal | None = None

    async def connect(self) -> None:
        """Accept every handshake, and refuse only afterwards: a browser does not see why a handshake was refused."""
        subprotocol = chosen(self.scope["subprotocols"])
        await self.accept(subprotocol)
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self._codec = codec_of(DEFAULT, query)
        try:
            self._codec = codec_of(subprotocol, query)
            self._owner = await self.authenticate()
            self.admit(self._owner)
            self._lookups = lookups.of(self._owner)
        except (UnknownSubprotocol, AccessDenied, TooManyPages, TooManySockets) as error:
            await self._turn_away(error)
        except RunLogUnreachable:
            await self.close(STORE_AWAY)
        else:
            await self._open()
        forget_credentials(self.scope)

    async def _open(self) -> None:
        """Begin the request in the address, if there is one."""
        if (asked := self._codec.opening()) is None:
            return
        try:
            self._begin(asked)
        except AccessDenied as error:
            self.count(error)
            await self._answer_refused(asked.request_id, error)

    async def _turn_away(self, error: Refusal) -> None:
        """Say why the socket is refused, and close it after its first request: libraries show only its answer."""
        self._refusal = error
        self.count(error)
        await self._say_all(self._codec.failure("", error))
        if (asked := self._codec.opening()) is not None:
            await self._answer_refused(asked.request_id, error)
        else:
            self._spawn(self._close_refused(error))

    async def _close_refused(self, error: Refusal) -> None:
        """Close a refused socket that makes no request."""
        if not refused_sockets.locked():
            async with refused_sockets:
                await asyncio.sleep(REQUEST_WITHIN)
        await self.close(error.close_code)

    async def _answer_refused(self, request_id: str, error: Refusal) -> None:
        await self._say_all(self._codec.failure(request_id, error))
        await self.close(error.close_code)

    async def expel(self, error: AccessDenied) -> None:
        """Say that the socket has no access any more, and close it."""
        await self._say_all(self._codec.failure("", error))
        await self.close(error.close_code)

    async def take(self, text: str) -> None:
        """Begin the request in a frame."""
        if self._refusal is not None:
            self._spawn(self._answer_refused(self._codec.request_id_of(text), self._refusal))
            return
        match self._codec.decode(text):
            case AbortRequest(request_id):
                await self._take_stop(request_id)
            case asked:
                self._begin(asked)

    async def refuse(self, text: str, error: ChatError) -> None:
        """Send what is wrong with a frame."""
        await self._refuse(self._codec.request_id_of(text), error)

    def _begin(self, asked: Asked) -> None:
        self._access.check(*scopes_for(asked))
        if isinstance(asked, SendRequest) and not self.may_begin():
            return
        if asked.request_id in self._requests:
            raise InvalidRequest("id_in_use", request_id=asked.request_id)
        if len(self._requests) >= MAX_REQUESTS:
            raise InvalidRequest("too_many_open", limit=MAX_REQUESTS)
        resumes, watches = isinstance(asked, ResumeRequest), isinstance(asked, WatchRequest)
        if watches and sum(request.watches for request in self._requests.values()) >= MAX_WATCHES:
            raise InvalidRequest("too_many_watched", limit=MAX_WATCHES)
        request = _Request(asked.request_id, resumes, watches, self._stops.so_far())
        self._requests[request.id] = request
        self._spawn(self._carry_out(request, Once(asked)))

    async def _take_stop(self, request_id: str) -> None:
        request = self._requests.get(request_id)
        if request is None and request_id in self._ended:
            return  # it crossed with the end
        if request is None:
            # In a task: waiting here for a client that reads slowly would collect its further frames in the server.
            self._spawn(self._say_all(self._codec.failure(request_id, AlreadyFinished())))
        elif request.watches:
            request.over.set()
        elif not request.stopping:
            self._access.check(Scope.TURNS)
            request.stopping = True
            self._stops.add(self._spawn(self._stop(request)))

    # --- the task of a request ----------------------------------------------------------------------------------------

    async def _carry_out(self, request: _Request, asked: Once[Asked]) -> None:
        """The task of a request: the boundary at which an error becomes its last frame."""
        try:
            last = await self._serve(request, asked)
        except ChatError as error:
            nothing = request.resumes and isinstance(error, RunUnknown)
            if not nothing:
                self.count(error)
            last = self._codec.nothing_to_resume(request.id) if nothing else self._codec.failure(request.id, error)
        except Exception:
            logger.exception("A request on a websocket failed unexpectedly.")
            self.count(Unforeseen())
            last = self._codec.failure(request.id, Unforeseen())
        finally:
            del self._requests[request.id]
            self._ended.append(request.id)
            request.known.set()
        await self._say_all(last)

    async def _serve(self, request: _Request, asked: Once[Asked]) -> Iterable[Output]:
        """Send what the request asks for, and return the output for its end."""
        if request.watches:
            await self._watch(request, owned_session(self._owner, asked.take().session_id))
        else:
            await self._answer(request, asked)
        return self._codec.end(request.id)

    async def _watch(self, request: _Request, session: Session) -> None:
        """Send the session's memory, now and whenever it changes."""
        parts = self._parts()
        watched = memories(MemoryFeed(parts.memory, parts.bells, session), request.over)
        await for_each(self._codec.memories(request.id, watched), self._say)

    async def _answer(self, request: _Request, asked: Once[Asked]) -> None:
        """Send the answer as it comes."""
        await request.stopped()
        session, turn_id = await self._find_turn(asked.take())
        replay_limit.take(session, turn_id)
        request.name_turn(session, turn_id)
        await self._until_read()  # before the answer is loaded, since many may be waiting
        parts = self._parts()
        entries = through(self._loading, parts.runs.tail(session, turn_id) if turn_id else no_entries())
        past = Past(session, parts.memory, parts.runs)
        await for_each(self._codec.answer(request.id, entries, resumed=request.resumes, past=past), self._say)

    async def _find_turn(self, asked: Asked) -> tuple[Session, str]:
        """The requested turn, begun if it is new; "" if only the past is to be shown.

        Raises `RunUnknown`: there is nothing to resume.
        """
        parts, session = self._parts(), owned_session(self._owner, asked.session_id)
        match asked:
            case SendRequest():
                limits = self._access.limits
                return session, await begin_turn(parts.runs, parts.memory, session, asked, self._network, limits)
            case ResumeRequest():
                async with self._lookups:
                    turn_id = await turn_to_show(parts.runs, session, asked)
                if turn_id:
                    metrics().resumes.add(1, self.door)
                return session, turn_id
            case WatchRequest():
                raise RunUnknown

    async def _stop(self, request: _Request) -> None:
        await request.known.wait()
        try:
            if request.turn is not None:
                await self._parts().runs.stop(*request.turn)
        except ChatError as error:
            await self._refuse(request.id, error)

    # --- small things -------------------------------------------------------------------------------------------------

    async def _refuse(self, request_id: str, error: ChatError) -> None:
        """Send what is wrong, without the id of a request whose answer streams: that would end the answer."""
        self.count(error)
        await self._say_all(self._codec.failure("" if request_id in self._requests else request_id, error))

    async def _say_all(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            await self._say(output)

    async def _say(self, output: Output) -> None:
        await (self.close(output.code) if isinstance(output, Close) else self._put(output))
