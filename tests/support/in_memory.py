"""A complete memory without a server or storage, for tests of the code above the port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from chat.domain.details import (
    DetailChanges,
    Folded,
    Match,
    MatchPage,
    SessionListing,
    SummaryVersion,
    SummaryVersions,
)
from chat.domain.exceptions import (
    MemoryRefused,
    NotSupported,
    SessionExists,
    SessionGone,
    SummaryChanged,
    TurnConflict,
    UnknownMessage,
)
from chat.domain.messages import FoldState, Memory, Message, MessagePage, Role, Window
from chat.domain.session_ids import Session
from chat.turns.ports import BellPort

#: The most messages that `DictMemory.recall` returns, as on the memory server.
MOST_RECALLED = 10


@dataclass
class _Life:
    """A session from its first append to its deletion.

    ``said``: all its messages, folded ones first. ``last``: the number of the newest, ``folded``: of the newest folded.
    """

    epoch: str
    namespace: str | None
    created_at: datetime
    updated_at: datetime
    said: list[Message] = field(default_factory=list)
    turns: dict[str, tuple[list[Message], str | None]] = field(default_factory=dict)
    versions: list[SummaryVersion] = field(default_factory=list)
    details: DetailChanges = field(default_factory=DetailChanges)
    forked: tuple[str, str, str] | None = None
    last: int = 0
    folded: int = 0
    changes: int = 0

    @property
    def etag(self) -> str:
        return f"{self.epoch}-{self.last}-{self.changes}"

    @property
    def summary_tag(self) -> str:
        return f"{self.epoch}-{len(self.versions)}"

    @property
    def window(self) -> list[Message]:
        return [message for message in self.said if int(message.id or 0) > self.folded]

    def append(self, messages: Sequence[Message], key: str | None = None) -> None:
        self.updated_at = datetime.now(UTC)
        for message in messages:
            self.last += 1
            self.said.append(Message(message.role, message.content, str(self.last), self.updated_at, key))

    def withdraw_after(self, message_id: str) -> None:
        kept = self.memory(0).rewound_to(message_id).messages
        self.said = [*self.said[: len(self.said) - len(self.window)], *kept]
        self.changes += 1

    def fold(self, keep: int, through: str | None = None) -> None:
        """Move messages of the window into the summary, which consists of their lines: all but ``keep``."""
        window = self.window
        older = window[: max(0, len(window) - keep)]
        if through is not None:
            older = window[: [message.id for message in window].index(through) + 1]
        if older:
            before = [self.versions[-1].context] if self.versions else []
            context = "\n".join([*before, *(f"{message.role}: {message.content}" for message in older)])
            first, last = older[0].id or "", older[-1].id or ""
            self.folded = int(last)
            self.revise(context, "fold", tokens=len(older), folded=Folded(first, last, len(older)))

    def revise(self, context: str, source: str, *, tokens: int = 0, folded: Folded | None = None) -> None:
        number = len(self.versions) + 1
        through = str(self.folded)
        self.versions.append(
            SummaryVersion(number, context, datetime.now(UTC), tokens, source, through=through, folded=folded)
        )
        self.changes += 1

    def memory(self, window_size: int) -> Memory:
        newest = self.versions[-1] if self.versions else None
        folds = [version.created_at for version in self.versions if version.source == "fold"]
        return Memory(
            tuple(self.window),
            newest.context if newest else None,
            sum(version.tokens for version in self.versions),
            Window(window_size, self.folded, folds[-1] if folds else None, FoldState.IDLE),
            self.epoch,
            self.etag,
            self.summary_tag,
        )

    def listing(self, memory_id: str) -> SessionListing:
        first_words = " ".join(self.said[0].content.split()) if self.said else None
        return SessionListing(
            memory_id,
            self.details.get("title") or first_words,
            self.last,
            self.created_at,
            self.updated_at,
            self.details.get("pinned") or False,
            tuple(self.details.get("labels") or ()),
            self.details.get("instructions"),
        )


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

    async def check(self) -> None:
        """It always serves."""

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
        replace_after: str | None = None,
    ) -> None:
        life = self._lives.get(session.memory_id)
        request = (list(messages), replace_after)
        if life is not None and turn_id in life.turns:
            if life.turns[turn_id] != request:
                raise TurnConflict
            return
        if replace_after is not None and epoch is None:
            raise NotSupported
        if epoch is not None and (life is None or life.epoch != epoch):
            raise SessionGone
        if life is not None and replace_after is not None:
            life.withdraw_after(replace_after)
        self._append(session, messages, turn_id).turns[turn_id] = request

    async def begin_session(
        self, session: Session, messages: Sequence[Message], context: str, *, covered: int, turn_id: str
    ) -> None:
        life = self._lives.get(session.memory_id)
        request = (list(messages), f"{covered} {context}")
        if life is not None and turn_id in life.turns:
            if life.turns[turn_id] != request:
                raise TurnConflict
            return
        if life is not None:
            raise SessionExists
        now = datetime.now(UTC)
        life = self._lives[session.memory_id] = _Life(next(self._epochs), session.namespace, now, now)
        life.folded = covered
        life.append(messages)
        life.revise(context, "import", folded=Folded("1", str(covered), covered) if covered else None)
        life.turns[turn_id] = request
        if len(life.window) > self.window_size:
            life.fold(self.window_size // 2)

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
        older = [message for message in said if before is None or int(message.id or 0) < int(before)]
        stretch = older[-limit:]
        return MessagePage(tuple(stretch), stretch[0].id if len(older) > limit else None)

    async def list_summaries(self, memory_id: str, *, limit: int = 50) -> SummaryVersions:
        life = self._lives.get(memory_id)
        versions = tuple(reversed(life.versions)) if life else ()
        return SummaryVersions(versions[:limit], sum(version.tokens for version in versions))

    async def get_details(self, memory_id: str) -> SessionListing | None:
        life = self._lives.get(memory_id)
        return life.listing(memory_id) if life else None

    async def search(
        self, namespace: str | None, words: str, *, cursor: str | None = None, limit: int = 20
    ) -> MatchPage:
        """Where the first word is; ``cursor`` is the number of matches already given."""
        found = [match for name, life in self._lives.items() if life.namespace == namespace
                 for match in _matches(name, life, words.casefold().split())][::-1]  # fmt: skip
        begin = int(cursor or 0)
        end = begin + limit
        return MatchPage(tuple(found[begin:end]), str(end) if end < len(found) else None)

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """The messages that share words with ``text``, those with most in common first."""
        words = set(text.lower().split())
        shared = {message: len(words & set(message.content.lower().split())) for message in self.said(memory_id)}
        near = sorted((message for message in shared if shared[message]), key=lambda message: -shared[message])
        return near[:MOST_RECALLED]

    async def fold(self, memory_id: str, *, through: str | None = None) -> Memory:
        if life := self._lives.get(memory_id):
            if through is not None and through not in {message.id for message in life.window}:
                raise UnknownMessage
            life.fold(self.window_size // 2, through)
        return await self.get_memory(memory_id)

    async def edit_summary(self, session: Session, context: str, *, summary_tag: str | None) -> None:
        life = self._lives.get(session.memory_id)
        if summary_tag is None:
            raise NotSupported
        if life is None or life.summary_tag != summary_tag:
            raise SummaryChanged
        life.revise(context, "client")

    async def restore_summary(self, memory_id: str, version: int) -> Memory:
        life = self._lives.get(memory_id)
        if life is None or not 0 < version <= len(life.versions):
            raise MemoryRefused(404, "There is no such version.")
        former = life.versions[version - 1]
        life.folded = int(former.through or 0)
        life.revise(former.context, "restore")
        return await self.get_memory(memory_id)

    async def fork(self, session: Session, through: str, to: Session) -> Memory:
        life = self._lives.get(session.memory_id)
        if life is None:
            raise MemoryRefused(404, "There is no such session.")
        origin, known = (session.memory_id, life.epoch, through), self._lives.get(to.memory_id)
        if known is not None and known.forked != origin:
            raise SessionExists
        if known is None:
            self._lives[to.memory_id] = self._forked(life, origin, to)
        return await self.get_memory(to.memory_id)

    async def change_details(self, memory_id: str, changes: DetailChanges) -> SessionListing:
        life = self._lives.get(memory_id)
        if life is None:
            raise MemoryRefused(404, "There is no such session.")
        life.details.update(changes)
        return life.listing(memory_id)

    # --- inner ----------------------------------------------------------------------------------------------------

    def _append(self, session: Session, messages: Sequence[Message], key: str | None = None) -> _Life:
        now = datetime.now(UTC)
        life = self._lives.pop(session.memory_id, None) or _Life(next(self._epochs), session.namespace, now, now)
        self._lives[session.memory_id] = life
        life.append(messages, key)
        if len(life.window) > self.window_size:
            life.fold(self.window_size // 2)
        return life

    def _forked(self, life: _Life, origin: tuple[str, str, str], to: Session) -> _Life:
        through = origin[2]
        if through not in {message.id for message in life.said}:
            raise UnknownMessage
        said = [message for message in life.said if int(message.id or 0) <= int(through)]
        versions = [version for version in life.versions if int(version.through or 0) <= int(through)]
        folded = int(versions[-1].through or 0) if versions else 0
        return replace(
            life, epoch=next(self._epochs), namespace=to.namespace, said=said, versions=versions, turns={},
            details={**life.details, "pinned": False}, forked=origin, last=int(through), folded=folded,
        )  # fmt: skip


def _matches(memory_id: str, life: _Life, words: Sequence[str]) -> list[Match]:
    listing = life.listing(memory_id)
    found = []
    for message in life.said:
        text = message.content.casefold()
        if all(word in text for word in words):
            begin = text.index(words[0])
            marks = ((begin, begin + len(words[0])),)
            found.append(
                Match(
                    memory_id, listing.title, listing.updated_at, "message", message.content, marks,
                    message.id, message.role, message.created_at,
                )
            )  # fmt: skip
    return found


def _nothing(window_size: int) -> Memory:
    return Memory((), None, 0, Window(window_size, fold=FoldState.IDLE))


class _NoBell:
    def ring(self) -> None:
        pass

    async def wait(self, seconds: float) -> None:
        pass


class DictBells:
    """Bells that nobody hears. ``rung`` are the sessions of those that were rung."""

    def __init__(self) -> None:
        self.rung: list[Session] = []

    @contextmanager
    def listen(self, session: Session) -> Iterator[BellPort]:
        yield _NoBell()

    async def ring(self, session: Session) -> None:
        self.rung.append(session)
