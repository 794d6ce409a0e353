"""A complete memory without a server or storage, for tests of the code above the port."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from chat.domain.exceptions import SessionGone, TurnConflict
from chat.domain.messages import (
    FoldState,
    Memory,
    Message,
    MessagePage,
    Role,
    SessionListing,
    SummaryVersion,
    Window,
)
from chat.domain.session_ids import Session

#: The most messages that `DictMemory.recall` returns, as on the memory server.
MOST_RECALLED = 10


@dataclass
class _Life:
    """A session from its first append to its deletion. ``said``: all its messages, folded ones first."""

    epoch: str
    namespace: str | None
    created_at: datetime
    updated_at: datetime
    said: list[Message] = field(default_factory=list)
    turns: dict[str, list[Message]] = field(default_factory=dict)
    versions: list[SummaryVersion] = field(default_factory=list)
    folded: int = 0

    @property
    def etag(self) -> str:
        return f"{self.epoch}-{len(self.said)}-{len(self.versions)}"

    def append(self, messages: Sequence[Message]) -> None:
        self.updated_at = datetime.now(UTC)
        for message in messages:
            self.said.append(Message(message.role, message.content, str(len(self.said) + 1), self.updated_at))

    def fold(self, keep: int) -> None:
        """Move all but the newest ``keep`` messages of the window into the summary, which consists of their lines."""
        older = self.said[self.folded : max(self.folded, len(self.said) - keep)]
        if older:
            before = [self.versions[-1].context] if self.versions else []
            context = "\n".join([*before, *(f"{message.role}: {message.content}" for message in older)])
            self.versions.append(SummaryVersion(len(self.versions) + 1, context, datetime.now(UTC), len(older)))
            self.folded += len(older)

    def memory(self, window_size: int) -> Memory:
        newest = self.versions[-1] if self.versions else None
        return Memory(
            tuple(self.said[self.folded :]),
            newest.context if newest else None,
            sum(version.tokens for version in self.versions),
            Window(window_size, self.folded, newest.created_at if newest else None, FoldState.IDLE),
            self.epoch,
            self.etag,
        )

    def listing(self, memory_id: str) -> SessionListing:
        title = " ".join(self.said[0].content.split())
        return SessionListing(memory_id, title, len(self.said), self.created_at, self.updated_at)


class DictMemory:
    """A memory in a dict. It folds as soon as a window has more than ``window_size`` messages."""

    def __init__(self, window_size: int = 12) -> None:
        self.window_size = window_size
        self._lives: dict[str, _Life] = {}  # in the order of the last append
        self._epochs = (f"e{number}" for number in count(1))

    # --- for tests ------------------------------------------------------------------------------------------------

    def seed(self, session: Session, *contents: str) -> None:
        """Append messages with these contents to the session, alternately from the user and the model."""
        roles = (Role.HUMAN, Role.AI)
        self._append(session, [Message(roles[place % 2], content) for place, content in enumerate(contents)])

    def said(self, memory_id: str) -> list[Message]:
        """All messages of the session, including folded ones, without ids and times."""
        life = self._lives.get(memory_id)
        return [Message(message.role, message.content) for message in life.said] if life else []

    # --- the port -------------------------------------------------------------------------------------------------

    async def get_memory(self, memory_id: str) -> Memory:
        life = self._lives.get(memory_id)
        return life.memory(self.window_size) if life else _nothing(self.window_size)

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        memory = await self.get_memory(memory_id)
        return None if etag is not None and memory.etag == etag else memory

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
    ) -> None:
        life = self._lives.get(session.memory_id)
        if life is not None and turn_id in life.turns:
            if life.turns[turn_id] != list(messages):
                raise TurnConflict
            return
        if epoch is not None and (life is None or life.epoch != epoch):
            raise SessionGone
        self._append(session, messages).turns[turn_id] = list(messages)

    async def delete_memory(self, session: Session) -> None:
        self._lives.pop(session.memory_id, None)

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        listed = [life.listing(name) for name, life in self._lives.items() if life.namespace == namespace]
        return listed[::-1][(page - 1) * size : page * size]

    async def list_namespaces(self) -> list[str]:
        return sorted({life.namespace for life in self._lives.values() if life.namespace is not None})

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        life = self._lives.get(memory_id)
        said = life.said if life else []
        end = len(said) if before is None else min(int(before) - 1, len(said))
        stretch = said[max(0, end - limit) : end]
        return MessagePage(tuple(stretch), stretch[0].id if end > limit else None)

    async def list_summaries(self, memory_id: str) -> list[SummaryVersion]:
        life = self._lives.get(memory_id)
        return life.versions[::-1] if life else []

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """The messages that share words with ``text``, those with most in common first."""
        words = set(text.lower().split())
        shared = {message: len(words & set(message.content.lower().split())) for message in self.said(memory_id)}
        near = sorted((message for message in shared if shared[message]), key=lambda message: -shared[message])
        return near[:MOST_RECALLED]

    async def fold(self, memory_id: str) -> Memory:
        if life := self._lives.get(memory_id):
            life.fold(self.window_size // 2)
        return await self.get_memory(memory_id)

    # --- inner ----------------------------------------------------------------------------------------------------

    def _append(self, session: Session, messages: Sequence[Message]) -> _Life:
        now = datetime.now(UTC)
        life = self._lives.pop(session.memory_id, None) or _Life(next(self._epochs), session.namespace, now, now)
        self._lives[session.memory_id] = life
        life.append(messages)
        if len(life.said) - life.folded > self.window_size:
            life.fold(self.window_size // 2)
        return life


def _nothing(window_size: int) -> Memory:
    return Memory((), None, 0, Window(window_size, fold=FoldState.IDLE))
