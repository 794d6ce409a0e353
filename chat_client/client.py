"""The client: turns over the websocket, sessions and their memory by HTTP.

async with ChatClient("http://127.0.0.1:8000", token) as chat:
    async for event in chat.send("trip", "hi im bob"):
        if isinstance(event, TextDelta):
            print(event.text, end="")
    summary = await chat.session("trip").summary()
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Literal, Self
from uuid import uuid4

from chat_client.answer import Answer
from chat_client.calls import Calls, path
from chat_client.connections import Connections
from chat_client.events import Event, MemoryChanged, TurnFinished, TurnStopped
from chat_client.exceptions import ChatError, NotUnderstood
from chat_client.frames import resume_frame, send_frame, user_message
from chat_client.questions import question
from chat_client.records import Found, FoundPage, Link, Links, Report, SessionDetails, SessionPage, Ticket
from chat_client.session import Session
from chat_client.turns import Turns


class ChatClient:
    """A client of the site at ``url`` for the owner of ``token`` (``manage.py issue_token`` prints one).

    It serves any number of sessions at the same time. ``patience``: seconds for which it tries to reach the site again
    after a loss. Every call raises `chat_client.ChatError`.
    """

    def __init__(self, url: str, token: str, *, patience: float = 60.0) -> None:
        self._calls = Calls(url, token)
        self._connections = Connections(url, token)
        self._turns = Turns(self._connections, patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. Answers in progress go on, and are remembered."""
        await self._connections.close()
        await self._calls.close()

    # --- turns --------------------------------------------------------------------------------------------------------

    async def send(
        self, session: str, text: str, *, turn_id: str | None = None, replaces: str | None = None
    ) -> AsyncGenerator[Event]:
        """The events of the turn that answers ``text``, as they come.

        ``turn_id`` names the turn: with the same id and text it is sent once, however often it is called. ``replaces``:
        the id of a message of the user, in whose place this one comes; all behind it is withdrawn.

        Leaving the loop does not stop the answer. Raises `chat_client.TurnFailed`: there will be none.
        """
        fields = {} if replaces is None else {"messageId": replaces}
        asked = send_frame(session, user_message(text), turn_id or uuid4().hex, **fields)
        async with aclosing(self._turns.answer(session, asked, Answer(text))) as events:
            async for event in events:
                yield event

    async def ask(self, session: str, text: str, *, turn_id: str | None = None, replaces: str | None = None) -> str:
        """The whole reply to ``text``; if somebody stops it, as much as there was. Otherwise as `send`."""
        async with aclosing(self.send(session, text, turn_id=turn_id, replaces=replaces)) as events:
            async for event in events:
                if isinstance(event, TurnFinished | TurnStopped):
                    return event.reply
        raise NotUnderstood("The answer has ended without saying how.")

    async def regenerate(self, session: str, message: str | None = None) -> AsyncGenerator[Event]:
        """The events of another answer to a message of the user, or to the last one.

        ``message``: its id or number, or that of its reply. The old answer and all behind it stand until the new one is
        remembered.
        """
        asked = await question(self.session(session), message)
        fields: Mapping[str, Any] = {} if message is None else {"messageId": asked.id}
        frame = send_frame(
            session, user_message(asked.text, asked.id), uuid4().hex, trigger="regenerate-message", **fields
        )
        async with aclosing(self._turns.answer(session, frame, Answer(asked.text))) as events:
            async for event in events:
                yield event

    async def resume(self, session: str) -> AsyncGenerator[Event]:
        """The events of the answer in progress, from its start, or of one that ended less than five minutes ago.

        Without one, there are no events.
        """
        answer = Answer()
        try:
            async with aclosing(self._turns.answer(session, resume_frame(session), answer)) as events:
                async for event in events:
                    yield event
        except ChatError as error:
            if error.code != "run_unknown" or answer.begun:
                raise

    async def stop(self, session: str) -> None:
        """Stop the answer in progress, also one of another client, and return at its end. What it has said stays."""
        await self._turns.stop(session)

    async def watch(self, session: str) -> AsyncGenerator[MemoryChanged]:
        """The memory of the session, now and whenever it changes."""
        async with aclosing(self._turns.memories(session)) as memories:
            async for memory in memories:
                yield memory

    # --- sessions -----------------------------------------------------------------------------------------------------

    def session(self, session: str) -> Session:
        """A session and its memory. Nothing is asked of the site yet."""
        return Session(self._calls, session)

    async def sessions(self, q: str = "", *, limit: int = 50) -> AsyncGenerator[SessionDetails]:
        """All sessions, pinned ones first, then the newest; with ``q``, those with these words in title or labels.

        ``limit``: how many are loaded at a time.
        """
        cursor: str | None = None
        while True:
            params = {"q": q or None, "limit": limit, "cursor": cursor}
            page = await self._calls.read(SessionPage, "GET", "/sessions", params=params)
            for each in page.sessions:
                yield each
            if (cursor := page.cursor) is None:
                return

    async def search(self, q: str) -> AsyncGenerator[Found]:
        """Every place where the words are, in messages, summaries and titles, the newest session first."""
        cursor: str | None = None
        while True:
            page = await self._calls.read(FoundPage, "GET", "/search", params={"q": q, "cursor": cursor})
            for each in page.results:
                yield each
            if (cursor := page.cursor) is None:
                return

    async def export(self, format: Literal["json", "markdown"] = "json") -> str:  # noqa: A002 - the API's own name
        """All sessions as a file's text."""
        return (await self._calls.call("GET", "/export", params={"format": format})).text

    async def import_file(self, file: str | bytes) -> Report:
        """Import the contents of an export, or of ChatGPT's ``conversations.json``. Nothing is added twice."""
        return await self._calls.read(Report, "POST", "/import", files={"file": ("export.json", file)})

    async def shares(self) -> list[Link]:
        """The links to all sessions, the newest first."""
        return (await self._calls.read(Links, "GET", "/shares")).links

    async def revoke_share(self, share: str) -> None:
        """End the link with this id."""
        await self._calls.call("DELETE", path("shares", share))

    async def ticket(self, owner: str | None = None, *, expires_in: int = 60) -> Ticket:
        """A ticket for a browser, good for one connection or call within ``expires_in`` seconds.

        ``owner``: one of the tenant's, with the token of a service; None: the token's own.
        """
        body = {"owner": owner, "expires_in": expires_in}
        return await self._calls.read(Ticket, "POST", "/ticket", json=body)
