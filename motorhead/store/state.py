"""The state of a session apart from its messages: the hash beside its stream."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from motorhead.store.redis_errors import DAMAGED
from redis_link.exceptions import StoreRefused

STATE_FIELDS = (
    "epoch", "last", "folded", "context_version", "fold_version", "context", "tokens", "folded_at",
    "reason", "parked", "weight", "folded_weight", "kept_from", "gaps",
    "withdrawals",
)  # fmt: skip

#: The fields that a fold reads.
FOLD_FIELDS = (*STATE_FIELDS, "instructions")

#: The most digits in a count of a session, as in the scripts. Every count is therefore smaller than LARGEST.
DIGITS = 15
LARGEST = 10**DIGITS


class State(msgspec.Struct):
    """The present state of a session. ``last`` and ``folded`` are message numbers.

    ``gaps``: how many numbers above the watermark belong to withdrawn messages. ``withdrawals``: how often some were.
    ``instructions``: the session's own for its summaries, if the state was read for a fold.
    """

    epoch: str
    last: int
    folded: int
    context_version: int
    fold_version: int
    context: str | None
    tokens: int
    folded_at: int | None
    reason: str | None
    parked: bool
    weight: int
    folded_weight: int
    kept_from: int
    gaps: int = 0
    withdrawals: int = 0
    instructions: str = ""

    @property
    def unfolded(self) -> int:
        """How many messages are above the watermark."""
        return self.last - self.folded - self.gaps

    @property
    def summary_tag(self) -> str:
        """The tag of the summary: it changes with every new text of the summary, and when messages are withdrawn."""
        return f"{self.epoch}-{self.context_version}"


def parse_state(reply: Sequence[bytes | None]) -> State | None:
    """The state in the reply to an HMGET of ``STATE_FIELDS``; None if the session does not exist.

    Raises `StoreRefused`: the session is damaged.
    """
    epoch, last, folded, version, fold_version, context, tokens, at, reason, parked, *counts = reply
    if epoch is None:
        return None
    try:
        numbers = [int(value) if value else 0 for value in (last, folded, version, fold_version, tokens, at, *counts)]
        texts = (
            epoch.decode(),
            None if context is None else context.decode(),
            reason.decode() if reason else None,
        )
    except ValueError:
        raise StoreRefused(DAMAGED) from None
    if min(numbers) < 0 or max(numbers) >= LARGEST:
        raise StoreRefused(DAMAGED)
    return _state(texts, numbers, parked == b"1")


def _state(texts: tuple[str, str | None, str | None], numbers: list[int], parked: bool) -> State:
    epoch, context, reason = texts
    last, folded, version, fold_version, tokens, at, weight, light, kept, gaps, withdrawals = numbers
    return State(
        epoch, last, folded, version, fold_version, context, tokens, at or None, reason, parked, weight, light,
        kept or 1, gaps, withdrawals,
    )  # fmt: skip


def parse_fold_state(reply: Sequence[bytes | None]) -> State | None:
    """The state in the reply to an HMGET of ``FOLD_FIELDS``; None if the session does not exist.

    Raises `StoreRefused`: the session is damaged.
    """
    state = parse_state(reply[:-1])
    if state is not None and reply[-1]:
        state.instructions = reply[-1].decode(errors="replace")
    return state
