"""Exchanges that could not be remembered, as signed copies that the page keeps until they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256

from django.core.signing import BadSignature, SignatureExpired, dumps, loads

from chat.domain.exceptions import InvalidCopy
from chat.domain.messages import STOPPED_MARK, Memory, Message, Role

LIFETIME = timedelta(days=1)
_SALT = "chat.unsaved"


@dataclass(frozen=True, slots=True)
class Unsaved:
    """The exchange of a turn, in the session with this ``memory_id``.

    ``after`` marks the newest remembered message when the turn began ("" if there was none, None if unknown): the
    exchange belongs directly after it. ``replace_after``: the exchange was to replace the messages behind the one with
    this id, of which ``after`` marks the newest.
    """

    memory_id: str
    turn_id: str
    text: str
    reply: str
    stopped: bool
    epoch: str | None
    after: str | None
    replace_after: str | None = None

    def is_in(self, said: Sequence[Message], *, whole: bool) -> bool:
        """Whether ``said`` has the exchange directly after its mark, whatever follows it.

        ``whole``: ``said`` begins with the session's first message.
        """
        marks = ["" if whole else None, *map(_mark, said)]
        mark = self._place()
        if mark is None or mark not in marks:
            return False
        place = len(marks) - 1 - marks[::-1].index(mark)
        return _words(said[place : place + 2]) == self._exchange()

    def is_too_late(self, memory: Memory) -> bool:
        """Whether something else was said since. The exchange itself does not count."""
        if self.after is None:
            return False
        marks = [_mark(message) for message in memory.messages]
        known = len(marks) - marks[::-1].index(self.after) if self.after in marks else 0
        newer = _words(memory.messages[known:])
        return bool(newer) and newer[:2] != self._exchange()

    def _place(self) -> str | None:
        """The mark directly after which the exchange is, once it is remembered."""
        if self.replace_after is None:
            return self.after
        return "" if self.replace_after == "0" else self.replace_after

    def _exchange(self) -> list[tuple[str, str]]:
        reply = self.reply + STOPPED_MARK if self.stopped else self.reply
        return [(Role.HUMAN, self.text), (Role.AI, reply)]


def sign_unsaved(unsaved: Unsaved) -> str:
    """A copy for the page: compressed, timestamped and signed by this site."""
    return dumps(asdict(unsaved), salt=_SALT, compress=True)


def read_unsaved(signed: str, memory_id: str) -> Unsaved:
    """The exchange that `sign_unsaved` signed for this session less than a day ago.

    Raises `InvalidCopy`: the copy has expired, was forged, or belongs to another session.
    """
    try:
        unsaved = Unsaved(**loads(signed, salt=_SALT, max_age=LIFETIME))
    except SignatureExpired:
        raise InvalidCopy("copy_expired") from None
    except BadSignature:
        raise InvalidCopy("copy_forged") from None
    if unsaved.memory_id != memory_id:
        raise InvalidCopy("copy_elsewhere")
    return unsaved


def newest_mark(memory: Memory) -> str | None:
    """A mark of the newest message in the memory: "" if nothing was ever said, None if it is unknown."""
    if memory.messages:
        return _mark(memory.messages[-1])
    return None if memory.window.folded else ""


def _words(said: Sequence[Message]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in said]


def _mark(message: Message) -> str:
    return message.id or sha256(f"{message.role}\n{message.content}".encode()).hexdigest()
