"""Why a session goes off a listing, and what keeps it on all the same.

reason            it stays if it was active    it stays if it was written to in the namespace
TO_BE_DELETED     -                            -
DELETED           -                            yes: it was begun again
never_written(t)  after t                      yes: by another append
idle(t)           at t or later                yes: it is in use
"""

from __future__ import annotations

from dataclasses import dataclass

from motorhead.store.redis_errors import WRONG_KIND
from redis_link.exceptions import StoreRefused


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to unlist. ``active_since``: it stays if it was active at this time (ms) or later (None: it does not).

    ``spares_written``: it stays if it was written to in the namespace.
    """

    active_since: int | None = None
    spares_written: bool = True

    def tolerates(self, refusal: StoreRefused) -> bool:
        """Whether a listing that refuses may be passed over.

        Before a deletion that is one of the wrong kind alone, which lists nothing: on any other the session must be
        found when the deletion is asked for again.
        """
        return self.spares_written or str(refusal) == WRONG_KIND


#: The session is there, and is to be deleted when it is on no listing any more.
TO_BE_DELETED = Reason(spares_written=False)
#: The session was deleted.
DELETED = Reason()


def never_written(listed_at: int) -> Reason:
    """The session was listed at this time (ms) for an append that wrote nothing, or was deleted right after it."""
    return Reason(active_since=listed_at + 1)


def idle(since: int) -> Reason:
    """The session is not there, or was dropped because nobody has used it since this time (ms)."""
    return Reason(active_since=since)
