"""What the use cases need from outside. An adapter satisfies a Protocol by its methods and inherits nothing.

The site's adapters are `chat.memory.client.MemoryClient`, `chat.model.client.ChatModel`, `chat.runs.bells.Bells` and
`chat.runs.runs.Runs`. Every adapter of `MemoryPort` passes ``tests/chat/memory/test_contract.py``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from langchain_core.messages import BaseMessage

from chat.domain.details import DetailChanges, MatchPage, SessionListing, SummaryVersions
from chat.domain.messages import Memory, Message, MessagePage, Reasoning
from chat.domain.prompts import PromptRecord
from chat.domain.runs import Cursor, Entry, RunState
from chat.domain.session_ids import Session


class MemoryPort(Protocol):
    """A memory of sessions. It returns messages oldest first; lists of sessions and versions begin with the newest.

    Every method raises `MemoryServerError`: `MemoryUnreachable` if a retry may help, `MemoryRefused` with status 404
    if the memory has no such call. An unknown session is an empty one.
    """

    async def check(self) -> None:
        """Return if the server serves sessions, whichever they are."""

    async def get_memory(self, memory_id: str) -> Memory:
        """The session's window and summary."""

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        """The same, or None if nothing has changed since the memory with this ``etag``."""

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
        replace_after: str | None = None,
    ) -> None:
        """Append all of ``messages``, once for each ``turn_id`` however often it is called.

        ``replace_after``: withdraw the messages behind the one with this id ("0": all) in the same step; it needs the
        ``epoch``. ``again``: the append may have been made before. Raises `TurnConflict`: the turn id belongs to other
        messages; `SessionGone`: the session with this ``epoch`` was deleted. With ``replace_after``, `NotSupported`;
        `MessageFolded`: a message to be withdrawn is in the summary; `UnknownMessage`.
        """

    async def begin_session(
        self, session: Session, messages: Sequence[Message], context: str, *, covered: int, turn_id: str
    ) -> None:
        """Begin a session with ``messages`` and a summary of the first ``covered`` of them, once for each ``turn_id``.

        Those are folded already; the others are the window. Raises `SessionExists`; `TurnConflict`: the turn id belongs
        to other messages; `NotSupported`.
        """

    async def delete_memory(self, session: Session) -> None:
        """Delete everything of the session."""

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        """A page of the sessions in ``namespace`` (None: those without one), newest first."""

    async def list_namespaces(self) -> list[str]:
        """The namespaces that hold sessions."""

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        """Up to ``limit`` (at most 200) of all messages, before the message ``before`` (None: the newest)."""

    async def list_summaries(self, memory_id: str, *, limit: int = 50) -> SummaryVersions:
        """The newest ``limit`` versions of the summary, newest first, and what all summaries have cost."""

    async def get_details(self, memory_id: str) -> SessionListing | None:
        """The session as it is in lists; None for an unknown one, and if the memory has no such call."""

    async def search(
        self, namespace: str | None, words: str, *, cursor: str | None = None, limit: int = 20
    ) -> MatchPage:
        """Where all ``words`` are in a message, a summary or a title of the namespace, newest session first."""

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """Up to 10 messages of the session that are close to ``text`` in meaning, closest first."""

    async def fold(self, memory_id: str, *, through: str | None = None) -> Memory:
        """Fold now, and return the memory after it: the older half of the window, or up to the message ``through``.

        Raises `FoldFailed`: the model has not written the summary; `MemoryBusy`: another fold is in progress;
        `UnknownMessage`.
        """

    async def edit_summary(self, session: Session, context: str, *, summary_tag: str | None) -> None:
        """Replace the summary with ``context``, if it is still the one with this ``summary_tag``.

        Raises `SummaryChanged`: it is not; `NotSupported`: it has no tag.
        """

    async def restore_summary(self, memory_id: str, version: int) -> Memory:
        """Make an earlier version the summary again, and return the memory after it.

        Messages that the version does not cover are in the window again. Raises `MessagesRemoved`: retention has
        removed one of them; `MemoryBusy`: others keep changing the session.
        """

    async def fork(self, session: Session, through: str, to: Session) -> Memory:
        """Begin the session ``to`` with the summary and the messages of ``session`` up to ``through``.

        The same fork again changes nothing. Returns its memory. Raises `SessionExists`: ``to`` is another session
        already; `MessagesRemoved`: retention has removed messages that it needs; `UnknownMessage`.
        """

    async def change_details(self, memory_id: str, changes: DetailChanges) -> SessionListing:
        """Change the session's title, pin, labels or instructions, and return it as it is in lists.

        Raises `MemoryRefused` with status 404: there is no such session.
        """


class ModelPort(Protocol):
    """A chat model."""

    @property
    def name(self) -> str:
        """The name under which its server knows it."""

    def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str | Reasoning]:
        """The reply to a prompt in non-empty pieces, after the model's reasoning. Closing the iterator ends the reply.

        Raises `ModelError`: there is no reply, or, for `ModelCut`, it was cut short and is kept. `PromptTooLong`, only
        before the first piece: a smaller prompt may have a reply.
        """


class Commit(Protocol):
    """Records a turn's reply before it is appended. From then on the turn can no longer be stopped."""

    async def __call__(self, reply: str, stopped: bool, epoch: str | None, /) -> bool:
        """Record the reply. False: the user stopped the turn first, and nothing was recorded."""


class BellPort(Protocol):
    """A listener's bell for one session."""

    def ring(self) -> None:
        """End the listener's wait, or its next one."""

    async def wait(self, seconds: float) -> None:
        """Wait until the bell rings, or has rung since the last wait, for at most ``seconds``."""


class BellsPort(Protocol):
    """Notifications about sessions, without content: a bell says "look again", and may be lost."""

    def listen(self, session: Session) -> AbstractContextManager[BellPort]:
        """A bell for the session, for the length of a with-block. Look once after entering."""

    async def ring(self, session: Session) -> None:
        """Make all listeners of the session look again, in every process. Raises `RunLogUnreachable`."""


class RunsPort(Protocol):
    """Turns in progress, in any process. Every method raises `RunLogUnreachable`: Redis did not answer."""

    @property
    def lease(self) -> float:
        """Seconds after which a run whose worker has gone silent can be taken over."""

    async def current(self, session: Session) -> RunState | None:
        """The session's active run, or one that ended less than five minutes ago, or None."""

    async def answering(self, owner: str) -> list[Session]:
        """The owner's sessions that are answering, or were a moment ago, also those that are not in the memory yet."""

    async def stop(self, session: Session, turn_id: str) -> bool:
        """Stop the run. False: it has already finished."""

    async def ended(self, session: Session) -> list[str]:
        """The ids of the session's turns that ended less than five minutes ago, newest first."""

    async def prompt(self, session: Session, turn_id: str) -> PromptRecord | None:
        """What the turn's model was sent; None if that is unknown, or the turn ended more than five minutes ago."""

    def tail(self, session: Session, turn_id: str, after: Cursor | None = None) -> AsyncGenerator[Entry]:
        """The run's entries after ``after`` (None: all), live, up to and including its terminal event.

        Raises `RunUnknown`: there is no such run, or it ended more than five minutes ago.
        """

    async def forget(self, session: Session) -> None:
        """Forget the session's ended turns; an active one continues."""
