"""The reasons to unlist a session, and what keeps it listed nevertheless.

reason            stays if it was active       stays if it was written to in the namespace
TO_BE_DELETED     -                            -
DELETED           -                            yes: it was started again
never_written(t)  after t                      yes: by another append
idle(t)           at t or later                yes: it is in use
"""

from __future__ import annotations

from dataclasses import dataclass

from motorhead.store.redis_errors import WRONG_KIND
from redis_link.exceptions import StoreRefused


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to unlist a session.

    ``active_since``: the session stays if it was active at this time (ms) or later (None: it does not).
    ``spares_written``: the session stays if it was written to in the namespace.
    """

    active_since: int | None = None
    spares_written: bool = True

    def tolerates(self, refusal: StoreRefused) -> bool:
        """Whether an error of a listing may be ignored.

        Before a deletion, only a key of the wrong type may be ignored, because it lists nothing. After any other error
        the session must stay in place, so that a repeated deletion finds it.
        """
        return self.spares_written or str(refusal) == WRONG_KIND


#: The session exists, and will be deleted once it is on no listing.
TO_BE_DELETED = Reason(spares_written=False)
#: The session was deleted.
DELETED = Reason()


def never_written(listed_at: int) -> Reason:
    """The session was listed at this time (ms), but its append wrote nothing or was followed by a deletion."""
    return Reason(active_since=listed_at + 1)


def idle(since: int) -> Reason:
    """The session does not exist, or was dropped because it has been idle since this time (ms)."""
    return Reason(active_since=since)
