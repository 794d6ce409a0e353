"""Moving sessions to another owner, as when a visitor signs in: each by a fork and the deletion of its origin.

A move that breaks off anywhere is completed by repeating it: the names of forks follow from what is moved, and the same
fork again changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import (
    ChatError,
    MemoryRefused,
    MessagesRemoved,
    NotSupported,
    SessionExists,
    TurnInProgress,
)
from chat.domain.messages import Memory
from chat.domain.session_ids import SESSION_ID, Session, any_session, namespace_of, owned_session
from chat.grants.shares import Shares
from chat.sessions.announcing import announce
from chat.sessions.deletion import delete_session, stop_all, stop_answering
from chat.sessions.listing import list_all
from chat.turns.ports import BellsPort, MemoryPort, RunsPort

#: How often the list of sessions is read, and how often a session is tried that keeps changing.
PASSES, TRIES = 5, 5

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Move:
    """How many sessions were moved, and the error of each that was left, by its memory id."""

    moved: int
    left: Mapping[str, ChatError]


async def move_sessions(
    owner: str, to: str, memory: MemoryPort, runs: RunsPort, bells: BellsPort, shares: Shares
) -> Move:
    """Move all sessions of ``owner`` to the owner ``to``, with their details; answers in progress are stopped first.

    A session keeps its id, unless ``to`` has another session of this id, but not its share links. Repeating the move is
    safe. What can prevent one: `NotSupported`: the memory server cannot fork; `TurnInProgress`: it keeps changing;
    `RunLogUnreachable`; another `MemoryServerError`.

    Raises `MemoryServerError`, `RunLogUnreachable`: the sessions could not be listed.
    """
    mover = _Mover(to, memory, runs, bells, shares)
    moved: set[str] = set()
    left: dict[str, ChatError] = {}
    for _ in range(PASSES):
        left |= await stop_all(owner, runs)
        waiting = [each for each in await list_all(owner, memory) if each.memory_id not in left]
        for listing in reversed(waiting):  # the oldest first: in its new list, a session counts as new
            try:
                await mover.move(Session(listing.memory_id, namespace_of(owner)), listing)
                moved.add(listing.memory_id)
            except ChatError as error:
                left[listing.memory_id] = error
        if not waiting:
            break
    return Move(len(moved - left.keys()), left)


@dataclass(frozen=True, slots=True)
class _Mover:
    """Moves sessions to the owner ``to``."""

    to: str
    memory: MemoryPort
    runs: RunsPort
    bells: BellsPort
    shares: Shares

    async def move(self, session: Session, listing: SessionListing) -> None:
        for _ in range(TRIES):
            await stop_answering(session, self.runs)
            loaded = await self.memory.get_memory(session.memory_id)
            if loaded.is_empty or await self._is_taken(session, loaded, listing):
                await delete_session(session, self.memory, self.runs, self.bells, self.shares)
                return
        raise TurnInProgress(turn_id="")

    async def _is_taken(self, session: Session, loaded: Memory, listing: SessionListing) -> bool:
        """Fork the session. False: it has changed meanwhile."""
        if not loaded.can_change:
            raise NotSupported
        try:
            taken = await self._forked(session, loaded)
        except MessagesRemoved:
            taken = await self._begun(session, loaded, listing)
        except MemoryRefused as error:
            if error.status != _NOT_FOUND:
                raise
            return False  # deleted meanwhile, perhaps by another move
        if listing.pinned:  # the one detail that a fork leaves behind
            await self.memory.change_details(taken.memory_id, DetailChanges(pinned=True))
        await announce(taken, self.bells)
        run = await self.runs.current(session)
        is_idle = run is None or run.ended
        return is_idle and await self.memory.get_changed_memory(session.memory_id, loaded.etag) is None

    async def _forked(self, session: Session, loaded: Memory) -> Session:
        through, own_id, other = _newest(loaded), any_session(session.memory_id).id, self._other(session, loaded)
        is_new = (await self.memory.get_memory(other.memory_id)).is_empty  # otherwise an earlier attempt made it
        if is_new and SESSION_ID.fullmatch(own_id):
            with suppress(SessionExists):
                await self.memory.fork(session, through, same := owned_session(self.to, own_id))
                return same
        await self.memory.fork(session, through, other)
        return other

    async def _begun(self, session: Session, loaded: Memory, listing: SessionListing) -> Session:
        """A session with the summary of one of which retention has left nothing else, so that it cannot be forked."""
        if loaded.messages or not loaded.context:
            raise MessagesRemoved
        begun = self._other(session, loaded)
        with suppress(SessionExists):  # made by an earlier attempt
            await self.memory.begin_session(begun, [], loaded.context, covered=0, turn_id=f"move-{begun.id}")
        details = DetailChanges(title=listing.title, labels=listing.labels, instructions=listing.instructions)
        await self.memory.change_details(begun.memory_id, details)
        return begun

    def _other(self, session: Session, loaded: Memory) -> Session:
        """One for a session that cannot keep its id: always the same for the same messages."""
        own_id = any_session(session.memory_id).id
        readable = own_id[:47] if SESSION_ID.fullmatch(own_id) else "moved"
        origin = f"{session.memory_id} {loaded.epoch} {_newest(loaded)}"
        return owned_session(self.to, f"{readable}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}")


def _newest(loaded: Memory) -> str:
    """The id of the newest message."""
    return (loaded.messages[-1].id if loaded.messages else None) or str(loaded.window.folded)
