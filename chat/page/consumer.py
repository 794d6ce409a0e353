"""The websocket ``/ws/session/<id>`` of the browser page: form fields in, fragments of HTML out.

What the page shows is a `Screen`'s business; here frames are read and carried out, each as a task of its own, so that
a stop is heard while an answer streams.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import parse_qs

from chat.components import Components, components
from chat.domain.exceptions import AccessDenied, ChatError, InvalidRequest, RunLogUnreachable
from chat.domain.sentences import Situation, sentence
from chat.domain.session_ids import Session, owned_session
from chat.page import fragments, names, notices
from chat.page.commands import Check, Frame, Look, Save, Send, Stop, decode
from chat.page.saving import is_remembered, save_copy
from chat.page.screen.screen import Screen
from chat.page.unsaved import read_unsaved
from chat.sockets.consumer import SocketConsumer
from chat.sockets.forgetting import forget_credentials
from chat.web.handshake import authenticate
from chat.web.visitor import check_visit

#: The page does not come back after a close code of 4400 or above; after another it tries again.
MALFORMED = 4400


class SessionConsumer(SocketConsumer):
    """One open page of one session."""

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__(parts)
        self._session: Session
        self._screen: Screen

    async def connect(self) -> None:
        """Accept the handshake, always: a browser learns nothing from a refusal. Then say no where it must be said."""
        await self.accept()
        try:
            owner = authenticate(self.scope)
            session = owned_session(owner, self.scope["url_route"]["kwargs"]["session_id"])
            check_visit(self._shown(), session.memory_id)
        except (AccessDenied, InvalidRequest) as error:
            await self._put(fragments.frame([fragments.notice(sentence(error))]))
            await self.close(error.close_code if isinstance(error, AccessDenied) else MALFORMED)
        else:
            self._session = session
            forget_credentials(self.scope)
            self._screen = Screen(self._session, self._parts(), self._put)
            for work in self._screen.work():
                self._spawn(work)

    def _shown(self) -> str | None:
        """The memory id of the session that the page shows, as it tells by ``?shows=``."""
        return next(iter(parse_qs(self.scope["query_string"].decode("latin-1")).get("shows", [])), None)

    async def take(self, text: str) -> None:
        """Begin what a frame of the page asks for."""
        self._spawn(self._carry_out(self._session, decode(text)))

    async def refuse(self, text: str, error: ChatError) -> None:
        """Say beside the message box what is wrong with a frame."""
        await self._put(fragments.frame([fragments.notice(sentence(error))]))

    # --- what a frame asks for --------------------------------------------------------------------------------

    async def _carry_out(self, session: Session, frame: Frame) -> None:
        match frame:
            case Send():
                await self._begin(session, frame)
            case Stop():
                await self._stop(session, frame)
            case Save():
                await self._save(session, frame)
            case Check():
                await self._check(session, frame)
            case Look():
                await self._screen.look()

    async def _begin(self, session: Session, frame: Send) -> None:
        try:
            state = await self._parts().runs.start(session, frame.text, frame.turn, visitor=session.owner or "")
        except ChatError as error:
            await self._tell(error, sentence(error), {names.REFUSED: frame.turn})
        else:
            known = {names.ACCEPTED: frame.turn} | ({names.ENDED: frame.turn} if state.ended else {})
            await self._put(fragments.frame([], known))

    async def _stop(self, session: Session, frame: Stop) -> None:
        try:
            stopping = await self._parts().runs.stop(session, frame.turn)
        except ChatError as error:
            await self._tell(error, sentence(error, Situation.STOPPING))
        else:
            said = "Stopping." if stopping else "It had already finished."
            await self._put(fragments.frame([fragments.status(said)]))

    async def _tell(self, error: ChatError, text: str, facts: Mapping[str, str] | None = None) -> None:
        """Say what went wrong, and take it back when it is over."""
        await self._put(fragments.frame([fragments.notice(text, notices.ends_with(error))], facts))
        if isinstance(error, RunLogUnreachable):
            await self._screen.await_store()

    async def _save(self, session: Session, frame: Save) -> None:
        try:
            await self._save_copy(session, frame)
        except ChatError as error:
            await self._put(fragments.frame([fragments.unsaved_notice(frame.turn, sentence(error, Situation.SAVING))]))
        else:
            await self._tell_remembered(frame.turn)

    async def _check(self, session: Session, frame: Check) -> None:
        """An append that was not answered in time may have been carried out all the same."""
        with suppress(ChatError):  # nobody has asked; Save again says what is wrong
            copy = read_unsaved(frame.signed, session.memory_id)
            if await is_remembered(copy, session, self._parts().memory):
                await self._tell_remembered(frame.turn)

    async def _tell_remembered(self, turn_id: str) -> None:
        await self._put(fragments.frame([fragments.clear_live(turn_id), fragments.status("It is remembered now.")]))

    async def _save_copy(self, session: Session, frame: Save) -> None:
        """Remember it now, unless it is remembered already."""
        parts = self._parts()
        copy = read_unsaved(frame.signed, session.memory_id)
        if not await is_remembered(copy, session, parts.memory):
            await save_copy(copy, session, parts.memory)
        with suppress(RunLogUnreachable):  # then other pages find out by themselves, later
            await parts.bells.ring(session)
