"""Redis's error answers, in sentences that may be shown to a client."""

from __future__ import annotations

from motorhead.exceptions import StoreRefused

DAMAGED = "A session is damaged in Redis; `python -m motorhead fsck --mend` mends it."
WRONG_KIND = "A key in Redis is of the wrong kind; `python -m motorhead fsck` tells which."
#: What our scripts begin a refusal with.
OURS = "DAMAGED "


def refusal(answer: str) -> StoreRefused:
    """The error for an ``answer`` of Redis. Ours, and those that tell of damage, become sentences."""
    if answer.startswith("WRONGTYPE"):
        return StoreRefused(WRONG_KIND)
    return StoreRefused(answer.removeprefix(OURS))
