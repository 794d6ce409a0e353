"""Erasing all sessions of an owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.domain.exceptions import ChatError
from chat.domain.session_ids import Session, namespace_of
from chat.grants.shares import Shares
from chat.sessions.deletion import delete_sessions, stop_all
from chat.sessions.listing import list_all
from chat.turns.ports import BellsPort, MemoryPort, RunsPort

#: How often the list of sessions is read, at most.
PASSES = 10


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many sessions were erased, with how many messages (None: unknown), and the error of each that was not."""

    sessions: int
    messages: int | None
    left: Mapping[str, ChatError]


async def erase_sessions(owner: str, memory: MemoryPort, runs: RunsPort, bells: BellsPort, shares: Shares) -> Erasure:
    """Delete all sessions of the owner, until none is listed: one may be made while the others are being deleted.

    Answers in progress are stopped first. Repeating it is safe, and goes on where it broke off.
    Raises `MemoryServerError`, `RunLogUnreachable`: the sessions could not be listed.
    """
    erased: dict[str, int | None] = {}
    left: dict[str, ChatError] = {}
    for _ in range(PASSES):
        left |= await stop_all(owner, runs)
        listed = [each for each in await list_all(owner, memory) if each.memory_id not in left]
        if not listed:
            break
        sessions = [Session(each.memory_id, namespace_of(owner)) for each in listed]
        outcomes = await delete_sessions(sessions, memory, runs, bells, shares)
        left |= {each.memory_id: error for each, error in zip(listed, outcomes, strict=True) if error}
        erased |= {each.memory_id: each.messages for each in listed if each.memory_id not in left}
    counts = [count for count in erased.values() if count is not None]
    return Erasure(len(erased), sum(counts) if len(counts) == len(erased) else None, left)
