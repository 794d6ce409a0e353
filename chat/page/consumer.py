"""The websocket ``/ws/session/<id>`` of the browser page: form fields in, fragments of HTML out.

A `Screen` decides what the page shows. The consumer reads commands and carries each out in its own task, so that a
stop gets through while an answer streams.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from chat.components import Components, components
from chat.domain.exceptions import (
    AccessDenied,
    ChatError,
    InvalidRequest,
    RunLogUnreachable,
    TooManyPages,
    TooManySockets,
)
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session, owned_session
from chat.grants import scopes
from chat.grants.credentials import Visit
from chat.page import fragments, names, notices
from chat.page.commands import CheckCopy, Look, Ping, SaveCopy, SendMessage, StopTurn, decode_command
from chat.page.saving import is_remembered, save_copy
from chat.page.screen.screen import Screen
from chat.page.unsaved import read_unsaved
from chat.sessions.announcing import announce
from chat.sockets.consumer import SocketConsumer
from chat.sockets.forgetting import forget_credentials
from chat.sockets.stops import Effective
from chat.web.handshake import Scope
from chat.web.headers import served_by
from chat.web.language import language_of_socket
from chat.web.visitor import OTHER_VISIT, check_visit
from chat.web.wording import worded

#: After a close code of 4400 or above the page stays disconnected; after any other it reconnects.
MALFORMED = 4400
#: While Redis does not answer.
STORE_AWAY = 4013

#: The frame that answers a `Ping`. It has no HTML, so htmx swaps nothing.
PONG = json.dumps({names.PONG: "yes"})


class SessionConsumer(SocketConsumer):
    """One open page of one session."""

    door = "page"

    def __init__(self, parts: Callable[[], Components] = components) -> None:
        super().__init__(parts)
        self._session: Session
        self._screen: Screen

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Serve the socket in the language of its page."""
        with translation.override(language_of_socket(scope)):
            await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        """Accept every handshake, then close the socket if access is denied: browsers hide why one was refused."""
        await self.accept()
        try:
            owner = await self.authenticate()
            session = owned_session(owner, self.scope["url_route"]["kwargs"]["session_id"])
            check_visit(self._shown(), session.memory_id)
            self._access.check(scopes.Scope.READ)
            self.admit(owner)
        except (AccessDenied, InvalidRequest, TooManyPages, TooManySockets) as error:
            until = notices.ends_with(error)
            await self._shut_out(error, until, MALFORMED if isinstance(error, InvalidRequest) else error.close_code)
        except RunLogUnreachable as error:
            await self._shut_out(error, notices.CONNECTION, STORE_AWAY)
        else:
            self._session = session
            forget_credentials(self.scope)
            if settings.CHAT_KILL_DRAWER:
                await self._put(fragments.frame([], {names.HOLDER: served_by()}))
            self._screen = Screen(self._session, self._parts(), self._put)
            for work in self._screen.work():
                self._spawn(work)

    async def authenticate(self) -> str:
        """As everywhere, but a foreign page is the site's own at an address that the site does not know."""
        try:
            return await super().authenticate()
        except AccessDenied as error:
            raise (AccessDenied("unknown_address", 4403) if error.reason == "origin" else error) from None

    async def _shut_out(self, error: ChatError, until: str, code: int) -> None:
        self.count(error)
        await self._put(fragments.frame([fragments.notice(worded(error, Situation.LOOKING), until)]))
        await self.close(code)

    async def expel(self, error: AccessDenied) -> None:
        """Say that the visit is over, and close the socket: the page stays as it is."""
        ended = AccessDenied("other_visit", OTHER_VISIT) if isinstance(self._credential, Visit) else error
        await self._shut_out(ended, "", ended.close_code)

    def _shown(self) -> str | None:
        """The memory id of the session that the page shows, from ``?shows=``."""
        return next(iter(parse_qs(self.scope["query_string"].decode("latin-1")).get("shows", [])), None)

    async def take(self, text: str) -> None:
        """Start carrying out the command in a frame. A page may do everything, a program with a token perhaps not."""
        command = decode_command(text)
        if isinstance(command, SendMessage | StopTurn | SaveCopy):
            self._access.check(scopes.Scope.TURNS)
        match command:
            case StopTurn() as stop:
                self._stops.add(self._spawn(self._stop(self._session, stop)))
            case SendMessage() as message:
                if self.may_begin():
                    self._spawn(self._begin(self._session, message, self._stops.so_far()))
            case _:
                self._spawn(self._carry_out(self._session, command))

    async def refuse(self, text: str, error: ChatError) -> None:
        """Show beside the message box what is wrong with a frame."""
        self.count(error)
        await self._put(fragments.frame([fragments.notice(worded(error))]))

    # --- commands ---------------------------------------------------------------------------------------------

    async def _carry_out(self, session: Session, command: SaveCopy | CheckCopy | Look | Ping) -> None:
        match command:
            case SaveCopy():
                await self._save(session, command)
            case CheckCopy():
                await self._check(session, command)
            case Look():
                await self._screen.look()
            case Ping():
                await self._put(PONG)

    async def _begin(self, session: Session, command: SendMessage, stopped: Effective) -> None:
        await stopped()
        try:
            visitor, network = session.owner or "", self._network
            state = await self._parts().runs.start(
                session,
                command.text,
                command.turn,
                visitor=visitor,
                network=network,
                token=self._access.limits,
                replace_after=command.replace_after or None,
            )
        except ChatError as error:
            await self._report(error, worded(error), {names.REFUSED: command.turn})
        else:
            known = {names.ACCEPTED: command.turn} | ({names.ENDED: command.turn} if state.ended else {})
            await self._put(fragments.frame([], known))

    async def _stop(self, session: Session, command: StopTurn) -> None:
        try:
            stopping = await self._parts().runs.stop(session, command.turn)
        except ChatError as error:
            await self._report(error, worded(error, Situation.STOPPING))
        else:
            said = gettext("Stopping.") if stopping else gettext("It had already finished.")
            await self._put(fragments.frame([fragments.status(said)]))

    async def _report(self, error: ChatError, text: str, facts: Mapping[str, str] | None = None) -> None:
        """Show what went wrong, until it is over."""
        self.count(error)
        await self._put(fragments.frame([fragments.notice(text, notices.ends_with(error))], facts))
        if isinstance(error, RunLogUnreachable):
            self._spawn(self._screen.await_store())  # in a separate task: this one holds the user's message

    async def _save(self, session: Session, command: SaveCopy) -> None:
        try:
            await self._save_copy(session, command)
        except ChatError as error:
            self.count(error)
            notice = fragments.unsaved_notice(command.turn, worded(error, Situation.SAVING))
            await self._put(fragments.frame([notice]))
        else:
            await self._confirm_saved(command.turn)

    async def _check(self, session: Session, command: CheckCopy) -> None:
        """Confirm an append that took effect although its answer did not arrive in time."""
        with suppress(ChatError):  # the user did not ask; Save again shows errors
            copy = read_unsaved(command.signed, session.memory_id)
            if await is_remembered(copy, session, self._parts().memory):
                await self._confirm_saved(command.turn)

    async def _confirm_saved(self, turn_id: str) -> None:
        await self._put(
            fragments.frame([fragments.clear_live(turn_id), fragments.status(gettext("It is remembered now."))])
        )

    async def _save_copy(self, session: Session, command: SaveCopy) -> None:
        """Save the copy, unless the exchange is already remembered."""
        parts = self._parts()
        copy = read_unsaved(command.signed, session.memory_id)
        if not await is_remembered(copy, session, parts.memory):
            await save_copy(copy, session, parts.memory)
        await announce(session, parts.bells)
