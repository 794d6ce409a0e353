"""The codec for AG-UI's clients on a websocket, in two framings.

Without ``runId`` in the address, frames are events. With it, as TanStack AI's client has it, those of an answer are
``{"id", "chunk"}`` with an offset; an address with ``offset`` as well is a request of its own, to go on from there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace

from chat.api.ag_ui import inputs
from chat.api.ag_ui.answer import run_finished
from chat.api.ag_ui.events import complaint, encode, run_error
from chat.api.ag_ui.following import Follower, Placed, Run, follow_memory
from chat.api.ag_ui.requests import request_of, resume_of, run_in, run_of
from chat.api.codec import AbortRequest, Asked, Close, Output, Query, ResumeRequest
from chat.api.past import Past
from chat.domain.exceptions import AlreadyFinished, ChatError, MemoryServerError, RunLogUnreachable, RunUnknown
from chat.domain.messages import Memory
from chat.domain.runs import Entry

#: Close codes. (Of the codes below 3000, Daphne's websocket library can send only 1000.)
COMPLETE = 1000
NOTHING_TO_RESUME = 4008
ANSWER_RESTARTED = 4012
TRY_AGAIN_LATER = 4013


class AgUiCodec:
    """`chat.api.codec.Codec` for AG-UI."""

    def __init__(self, query: Query) -> None:
        self._has_offsets = bool(query.get("runId", [""])[0])
        self._resumed = run_in(query)
        self._runs: dict[str, Run] = {}
        self._watched: set[str] = set()

    def opening(self) -> ResumeRequest | None:
        """The resume in the address, if there is an ``offset`` in it."""
        run = self._resumed
        if run is None:
            return None
        self._runs[run.run_id] = run
        return resume_of(run)

    def decode(self, frame: str) -> Asked | AbortRequest:
        """The request in a frame. Raises `InvalidFrame`: the frame cannot be understood."""
        sent = inputs.decode(frame)
        if isinstance(sent, inputs.Abort):
            return AbortRequest(sent.runId)
        asked = request_of(sent)
        # A run that is answered already keeps its place: the same frame again is refused.
        self._runs.setdefault(sent.runId, run_of(sent))
        return asked

    def request_id_of(self, frame: str) -> str:
        """The frame's ``runId``; "" if it has none."""
        return inputs.run_id_of(frame)

    async def answer(
        self, request_id: str, entries: AsyncGenerator[Entry], *, past: Past, resumed: bool = False
    ) -> AsyncGenerator[Output]:
        """The run's events. Closes the socket if they cannot go on here."""
        run = self._runs.get(request_id, Run("", request_id))
        if resumed and not run.resumed:
            run = replace(run, resumed=True)
        try:
            async with aclosing(Follower(run, past).follow(entries)) as events:
                async for placed in events:
                    yield self._framed(placed)
                    del placed
        except RunLogUnreachable:
            yield Close(TRY_AGAIN_LATER)
        except MemoryServerError:
            yield Close(ANSWER_RESTARTED)

    async def memories(self, request_id: str, memories: AsyncGenerator[Memory]) -> AsyncGenerator[Output]:
        """The state, and each change of it."""
        run = self._runs.get(request_id, Run("", request_id))
        self._watched.add(request_id)
        async with aclosing(follow_memory(run, memories)) as events:
            async for placed in events:
                yield self._framed(placed)
                del placed

    def end(self, request_id: str) -> Iterator[Output]:
        """The last event of a watch; the end of a socket that was opened to resume."""
        run = self._forget(request_id)
        if request_id in self._watched:
            self._watched.discard(request_id)
            yield encode(run_finished(run.session_id if run else "", request_id))
        if self._is_resumed(request_id):
            yield Close(COMPLETE)

    def nothing_to_resume(self, request_id: str) -> Iterator[Output]:
        """The end of the socket. A client that was in the middle of the answer hears why."""
        run = self._forget(request_id)
        if not self._is_resumed(request_id) or (run is not None and run.after is not None):
            yield encode(run_error(RunUnknown(), request_id))
        if self._is_resumed(request_id):
            yield Close(NOTHING_TO_RESUME)

    def failure(self, request_id: str, error: ChatError) -> Iterator[Output]:
        """The last event of a run. An error of no run ends none that is answered meanwhile."""
        self._forget(request_id)
        self._watched.discard(request_id)
        if isinstance(error, AlreadyFinished) or (not request_id and self._runs):
            yield encode(complaint(error))
            return
        yield encode(run_error(error, request_id))
        if self._is_resumed(request_id):
            yield Close(getattr(error, "close_code", NOTHING_TO_RESUME))

    def _framed(self, placed: Placed) -> str:
        offset, event = placed
        if offset is None or not self._has_offsets:
            return encode(event)
        return f'{{"id":"{offset}","chunk":{encode(event)}}}'

    def _forget(self, request_id: str) -> Run | None:
        return self._runs.pop(request_id, None)

    def _is_resumed(self, request_id: str) -> bool:
        return self._resumed is not None and self._resumed.run_id == request_id
