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
    weight, light, kept, gaps, withdrawals = counts
    if epoch is None:
        return None
    try:
        state = State(
            epoch.decode(), int(last or 0), int(folded or 0), int(version or 0), int(fold_version or 0),
            None if context is None else context.decode(), int(tokens or 0), int(at) if at else None,
            reason.decode() if reason else None, parked == b"1", int(weight or 0), int(light or 0),
            int(kept or 1), int(gaps or 0), int(withdrawals or 0),
        )  # fmt: skip
    except ValueError:
        raise StoreRefused(DAMAGED) from None
    numbers = (
        state.last, state.folded, state.context_version, state.fold_version, state.tokens, state.folded_at or 0,
        state.weight, state.folded_weight, state.kept_from, state.gaps,
        state.withdrawals,
    )  # fmt: skip
    if min(numbers) < 0 or max(numbers) >= LARGEST:
        raise StoreRefused(DAMAGED)
    return state


def parse_fold_state(reply: Sequence[bytes | None]) -> State | None:
    """The state in the reply to an HMGET of ``FOLD_FIELDS``; None if the session does not exist.

    Raises `StoreRefused`: the session is damaged.
    """
    state = parse_state(reply[:-1])
    if state is not None and reply[-1]:
        state.instructions = reply[-1].decode(errors="replace")
    return state
