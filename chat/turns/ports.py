"""What the use cases ask of the outside. An adapter satisfies a Protocol by its methods and inherits nothing.

The site's adapters are `chat.memory.client.MemoryClient`, `chat.model.client.ChatModel`, `chat.runs.bells.Bells` and
`chat.runs.runs.Runs`. Every adapter of `MemoryPort` passes ``tests/chat/memory/test_contract.py``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from langchain_core.messages import BaseMessage

from chat.domain.messages import Memory, Message, MessagePage, SessionListing, SummaryVersion
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session


class MemoryPort(Protocol):
    """A memory of sessions. What it returns is oldest first, but for lists of sessions and of versions.

    Every method raises `MemoryServerError`: `MemoryUnreachable` when asking again may help, `MemoryRefused` with
    status 404 where the memory has no such call. An unknown session is an empty one.
    """

    async def get_memory(self, memory_id: str) -> Memory:
        """The session's window and summary."""

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        """The same, or None when nothing changed since the memory with this ``etag``."""

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
    ) -> None:
        """Append all of ``messages`` once, however often this is called with this ``turn_id``.

        ``again``: it may have been done before. Raises `TurnConflict` when the turn id stands for other messages, and
        `SessionGone` when the session is not the one with this ``epoch`` any more.
        """

    async def delete_memory(self, session: Session) -> None:
        """Delete everything of the session."""

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        """A page of ``namespace``'s sessions (None: of those in none), newest first."""

    async def list_namespaces(self) -> list[str]:
        """The namespaces that hold sessions."""

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        """At most ``limit`` (200) of all messages ever accepted, before the message ``before`` (None: the newest)."""

    async def list_summaries(self, memory_id: str) -> list[SummaryVersion]:
        """The versions of the summary, newest first."""

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """At most 10 messages of the session that are near to ``text`` in meaning, nearest first."""

    async def fold(self, memory_id: str) -> Memory:
        """Summarise the older half of the window now; the memory after it."""


class ModelPort(Protocol):
    """A chat model."""

    def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str]:
        """The reply to a prompt, piece by piece, none of them empty. Closing the iteration ends the reply.

        Raises `ModelError`, of which `ModelCut` ends a reply that is kept.
        """


class Commit(Protocol):
    """Writes a turn's reply down before it is appended; after it the turn can no longer be stopped."""

    async def __call__(self, reply: str, stopped: bool, epoch: str | None, /) -> bool:
        """False: the user has stopped the turn meanwhile, and nothing was written down."""


class BellPort(Protocol):
    """What one listener hears of one session."""

    def ring(self) -> None:
        """End the listener's wait, or its next one."""

    async def wait(self, seconds: float) -> None:
        """Return when it rang since the last wait, at the latest after ``seconds``."""


class BellsPort(Protocol):
    """News of sessions, without content: a bell says "look again", and may be lost."""

    def listen(self, session: Session) -> AbstractContextManager[BellPort]:
        """A bell for the session, inside a with-block. Look once after entering."""

    async def ring(self, session: Session) -> None:
        """Have all listeners of the session look again, in every process. Raises `RunLogUnreachable`."""


class RunsPort(Protocol):
    """Turns under way, in whatever process each is. Every method raises `RunLogUnreachable`."""

    @property
    def lease(self) -> float:
        """Seconds after which a run whose worker went silent can be taken over."""

    async def current(self, session: Session) -> RunState | None:
        """The session's active run, else the one that ended less than five minutes ago, else None."""

    async def stop(self, session: Session, turn_id: str) -> bool:
        """Stop the run. False: it has already finished."""

    def tail(self, session: Session, turn_id: str, after: Cursor | None = None) -> AsyncGenerator[Entry]:
        """The run's entries behind ``after`` (None: all), live, up to and with its terminal event.

        Raises `RunUnknown` when there is no such run or it ended more than five minutes ago.
        """

    async def forget(self, session: Session) -> None:
        """Forget the session's ended turns; an active one goes on."""
