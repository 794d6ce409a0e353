"""What a page shows of the memory, and what has to change there for another memory: values in, swaps out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.unsaved import newest_mark

#: Messages that one fold moves up on the page; more than that are behind the button.
MOST_MOVED = 100


@dataclass(frozen=True, slots=True)
class ShownMemory:
    """What identifies the memory on a page, without any of its text.

    ``ids`` are those of the messages in the window, ``folded`` is how many messages came before it, ``newest`` is the
    mark of the newest message (see `newest_mark`).
    """

    etag: str | None
    ids: tuple[str | None, ...]
    folded: int
    is_empty: bool
    newest: str | None

    @classmethod
    def of(cls, memory: Memory) -> ShownMemory:
        """What is left of ``memory`` when it is shown."""
        ids = tuple(message.id for message in memory.messages)
        return cls(memory.etag, ids, memory.window.folded, memory.is_empty, newest_mark(memory))

    def is_of(self, memory: Memory) -> bool:
        """Whether this is ``memory``; False where there is no etag to compare, as with the original."""
        return self.etag is not None and self.etag == memory.etag


def newly_folded(before: ShownMemory | None, memory: Memory) -> int:
    """How many messages have been folded that can stay in sight above the window; 0 if they cannot be placed there."""
    moved = memory.window.folded - before.folded if before else 0
    known = bool(memory.messages and memory.messages[0].id)
    return moved if known and 0 < moved <= MOST_MOVED else 0


def memory_changes(
    session: Session, before: ShownMemory | None, memory: Memory, moved: Sequence[Message] | None
) -> list[str]:
    """Swaps that put ``memory`` in the place of ``before`` (None: of what the page came with).

    ``moved`` are the messages that go up (see `newly_folded`); None where there are none.
    """
    above = fragments.earlier_unless_shown(session, memory)
    folded = [above] if moved is None else fragments.newly_folded(memory, moved)
    return [fragments.panel(memory), *folded, *_window_changes(before, memory)]


def _window_changes(before: ShownMemory | None, memory: Memory) -> Sequence[str]:
    """The changes to the window where the ids show them, otherwise all of it."""
    ids = tuple(message.id for message in memory.messages)
    old = before.ids if before else ()
    gone = old.index(ids[0]) if ids and ids[0] in old else len(old)
    stays = old[gone:]
    if stays and None not in ids and stays == ids[: len(stays)]:
        return fragments.window_step(map(str, old[:gone]), memory.messages[len(stays) :])
    return fragments.window(memory)


def is_deletion(before: ShownMemory | None, now: ShownMemory) -> bool:
    """Whether everything that was shown has gone."""
    return now.is_empty and before is not None and not before.is_empty
