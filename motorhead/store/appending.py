"""The append: one script that withdraws, appends and sets the context, once per idempotency key."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from motorhead.exceptions import (
    Conflict,
    EpochGone,
    FoldedAlready,
    MotorheadError,
    NoSuchMessage,
    SessionExists,
    SummaryChanged,
)
from motorhead.messages import FoldedRange, NewMessage, open_message, open_version, title_of, weigh
from motorhead.store.keys import CHUNK, Mark, SessionKeys
from motorhead.store.scripts import APPEND
from motorhead.store.state import State
from redis_link.connection import Command, Reply
from redis_link.scripts import Argument

#: Milliseconds for which idempotency keys are kept.
KEY_LIFETIME = 7 * 24 * 3600 * 1000

REFUSALS: dict[bytes, MotorheadError] = {
    b"conflict": Conflict("This Idempotency-Key was used with another body; use a new key for a new append."),
    b"gone": EpochGone("The session was deleted since it was loaded; load it again before appending."),
    b"folded": FoldedAlready(
        "A message behind replace_after is folded into the summary already; restore the version before, or append."
    ),
    b"no such message": NoSuchMessage("replace_after names no message of the session; load the session again."),
    b"exists": SessionExists("The session has begun already; through is for the first append of a new session."),
    b"other summary": SummaryChanged("The summary has changed since it was loaded; load it again before editing it."),
}


#: The most messages of one turn: only these name the key of their append, since a key names one turn.
EXCHANGE = 2
#: Nothing to withdraw.
NOTHING = ("", 0)


def position(state: State | None) -> str:
    """What changes whenever messages are appended to a session or withdrawn from it."""
    return "0/0" if state is None else f"{state.last}/{state.withdrawals}"


class NewContent(msgspec.Struct, frozen=True):
    """What to append to a session.

    ``messages`` are oldest first; ``context`` None keeps the present summary. ``replace_after``: withdraw all messages
    behind this number first; None: none. ``through``: the session is new, and the context covers its first messages, up
    to this number; None: it may exist. ``epoch`` and ``summary_tag`` must be the session's own, unless "". ``key``
    makes a repetition harmless.
    """

    messages: Sequence[NewMessage]
    context: str | None = None
    replace_after: int | None = None
    through: int | None = None
    epoch: str = ""
    key: str = ""
    summary_tag: str = ""

    @property
    def digest(self) -> str:
        """A digest of the request, the same however it was encoded; "" without a key."""
        if not self.key:
            return ""
        digest = blake2b(digest_size=16)
        for blob in map(open_message, self.messages):
            digest.update(b"%d:" % len(blob) + blob)
        digest.update(b"" if self.context is None else b"c" + self.context.encode())
        digest.update(b"" if self.replace_after is None else b"r%d" % self.replace_after)
        digest.update(b"" if self.through is None else b"t%d" % self.through)
        return digest.hexdigest()

    @property
    def version(self) -> bytes:
        """The stored form of the version that the context makes, if there is one; open, as in `open_version`."""
        if self.context is None:
            return b""
        if not self.through:
            return open_version(self.context, "client" if self.through is None else "import")
        return open_version(self.context, "import", FoldedRange("1", str(self.through), self.through))


class Appended(msgspec.Struct, frozen=True):
    """The result of an append: the session's epoch, and how many messages of what weight are above the watermark.

    ``again``: the append had been made before under the same key. ``recorded``: it was the session's first in this
    namespace.
    """

    epoch: str
    unfolded: int
    weight: int
    again: bool
    recorded: bool


def append_command(
    session_id: bytes, new: NewContent, namespace: Mark, new_epoch: str, withdrawn: tuple[str, int] = NOTHING
) -> Command:
    """The command that appends. ``withdrawn``: the `position` of the session as read, and the weight to withdraw."""
    messages, through = new.messages, new.through
    key = new.key if len(messages) <= EXCHANGE else ""
    arguments: list[Argument] = [
        new.epoch, new.key, new.digest, new_epoch, namespace, title_of(messages),
        "0" if new.context is None else "1", new.context or "",
        new.version, _weight(messages), KEY_LIFETIME,
        "" if new.replace_after is None else new.replace_after, *withdrawn, CHUNK, new.summary_tag,
        "" if through is None else through, _weight(messages[:through]) if through else 0,
        *[open_message(message, key) for message in messages],
    ]  # fmt: skip
    keys = SessionKeys(session_id)
    return APPEND.call(
        [
            keys.state, keys.messages, keys.namespaces, keys.idempotency, keys.idempotency_queue, keys.versions,
            keys.vectors, keys.withdrawn,
        ],
        arguments,
    )  # fmt: skip


def _weight(messages: Sequence[NewMessage]) -> int:
    return sum([weigh(message.content) for message in messages])


def read_appended(reply: Reply) -> Appended | None:
    """The result in the script's ``reply``; None if the session has changed since it was read.

    Raises `Conflict`, `EpochGone`, `FoldedAlready`, `NoSuchMessage`, `SessionExists` or `SummaryChanged`: nothing was
    done.
    """
    outcome = reply[0]
    if outcome == b"changed":
        return None
    if (refusal := REFUSALS.get(outcome)) is not None:
        raise type(refusal)(str(refusal))
    _, epoch, last, folded, weight, recorded, gaps = reply
    return Appended(epoch.decode(), last - folded - gaps, weight, outcome == b"again", bool(recorded))
