"""The memory shown on a page, and the swaps that replace it with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.domain.messages import Memory, Message
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.unsaved import newest_mark
from chat.page.word_changes import Piece

#: Messages that one fold may move up on the page; if there are more, they stay behind the button.
MOST_MOVED = 100


@dataclass(frozen=True, slots=True)
class ShownMemory:
    """What identifies the memory on a page, without its text.

    ``ids`` are the ids of the messages in the window, ``folded`` is the number of the newest message before it,
    ``newest`` is the mark of the newest message (see `newest_mark`), ``summary_tag`` that of the summary.
    """

    etag: str | None
    ids: tuple[str | None, ...]
    folded: int
    is_empty: bool
    newest: str | None
    summary_tag: str | None = None
    epoch: str | None = None

    @classmethod
    def of(cls, memory: Memory) -> ShownMemory:
        """What is kept of ``memory`` once it is shown."""
        ids = tuple(message.id for message in memory.messages)
        folded, tag = memory.window.folded, memory.summary_tag
        return cls(memory.etag, ids, folded, memory.is_empty, newest_mark(memory), tag, memory.epoch)

    def is_of(self, memory: Memory) -> bool:
        """Whether this is ``memory``; False without an etag to compare, as with the original server."""
        return self.etag is not None and self.etag == memory.etag


def newly_folded(before: ShownMemory | None, memory: Memory) -> int:
    """How many newly folded messages can stay visible above the window; 0 if they cannot be placed there."""
    moved = memory.window.folded - before.folded if before else 0
    known = not memory.messages or bool(memory.messages[0].id)  # where the window begins; one answer may exceed it
    return moved if known and 0 < moved <= MOST_MOVED else 0


def memory_changes(
    session: Session,
    before: ShownMemory | None,
    memory: Memory,
    moved: Sequence[Message] | None,
    rewritten: Sequence[Piece] = (),
) -> list[str]:
    """Swaps that replace ``before`` (None: the page as it was loaded) with ``memory``.

    ``moved`` are the messages that move up (see `newly_folded`); None if none do. ``rewritten`` are the changes of the
    summary.
    """
    above = fragments.earlier_unless_shown(session, memory)
    folded = [above] if moved is None else fragments.newly_folded(memory, moved)
    return [fragments.panel(session, memory, rewritten), *folded, *_window_changes(before, memory)]


def _window_changes(before: ShownMemory | None, memory: Memory) -> Sequence[str]:
    """The changes to the window if the ids reveal them, otherwise the whole window.

    Messages leave it at its beginning, when they are folded, and at its end, when they are replaced.
    """
    ids = tuple(message.id for message in memory.messages)
    old = before.ids if before and before.epoch == memory.epoch else ()
    stays = tuple(each for each in old if each in ids)
    if old and ids and None not in (*old, *ids) and stays == ids[: len(stays)]:
        gone = (str(each) for each in old if each not in ids)
        return fragments.window_step(gone, memory.messages[len(stays) :])
    return fragments.window(memory)


def is_deletion(before: ShownMemory | None, now: ShownMemory) -> bool:
    """Whether everything that was shown is gone."""
    return now.is_empty and before is not None and not before.is_empty
