"""Forgetting a person: all that is kept for an owner, and the account, if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.accounts.accounts import delete_account
from chat.accounts.outages import in_database
from chat.components import components
from chat.domain.exceptions import ChatError
from chat.sessions.erasure import Erasure, erase_sessions


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased: how many sessions, messages (None: unknown), tokens and share links, and whether the account.

    ``left``: the error of each session that could not be erased, by its memory id. Then the account stays; the visit
    may be over.
    """

    sessions: int
    messages: int | None
    tokens: int
    links: int
    account: bool
    left: Mapping[str, ChatError]


async def forget_owner(owner: str) -> Forgotten:
    """Erase everything of the owner: access for programs and readers first, then all sessions, then the account.

    The visits of the owner end before the last look at the sessions, and the account after it. What is left can be
    tried again by a new visit of the owner.
    Raises `RunLogUnreachable`, `MemoryServerError`: the sessions could not be listed; `AccountsUnreachable`: they are
    erased, the account is not.
    """
    grants = components().grants
    tokens = await grants.tokens.revoke_all(owner)
    links = await grants.shares.forget_all(owner)
    erasure = await _erase(owner)
    if erasure.left:
        return Forgotten(erasure.sessions, erasure.messages, tokens, links, account=False, left=erasure.left)
    await grants.visits.end_all(owner)
    late = await _erase(owner)  # what another tab has said just before its visit ended
    total = _together(erasure, late)
    account = not late.left and await in_database(delete_account, owner)
    return Forgotten(total.sessions, total.messages, tokens, links, account, late.left)


async def _erase(owner: str) -> Erasure:
    """Erase the owner's sessions, and those that were on their way to the owner when a move broke off."""
    parts, total = components(), Erasure(0, 0, {})
    for each in (*await parts.grants.moves.under_way(owner), owner):
        erasure = await erase_sessions(each, parts.memory, parts.runs, parts.bells, parts.grants.shares)
        total = _together(total, erasure)
        if each != owner and not erasure.left:
            await parts.grants.moves.end(each, owner)
    return total


def _together(one: Erasure, other: Erasure) -> Erasure:
    known = one.messages is not None and other.messages is not None
    messages = (one.messages or 0) + (other.messages or 0) if known else None
    return Erasure(one.sessions + other.sessions, messages, {**one.left, **other.left})
