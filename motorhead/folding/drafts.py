"""Unfinished summaries of long messages, kept in this process so that the next try of a fold continues them.

They save answers of the model and nothing depends on them: without one, a fold begins the message again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from motorhead.messages import Message
from motorhead.store.state import State
from motorhead.usage import NO_USAGE, Usage

#: The most drafts that are kept; the oldest is dropped for a new one.
MOST_DRAFTS = 256


@dataclass(frozen=True, slots=True)
class Draft:
    """The summary ``context`` of a session up to the first ``done`` characters of a long message's line.

    It continues a session only in the state in which it was begun: ``epoch``, watermark and context version, and with
    the same message. ``used``: the tokens that the session has not been charged for. ``skipped``: whether the model has
    refused a part, which the summary leaves out.
    """

    epoch: str
    folded: int
    context_version: int
    message: str
    context: str | None
    done: int = 0
    used: Usage = NO_USAGE
    skipped: bool = False

    def continues(self, other: Draft) -> bool:
        """Whether this draft was begun as ``other`` is."""
        return _begin(self) == _begin(other)


class Drafts:
    """The newest drafts, at most one per session."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Draft] = OrderedDict()

    def begin(self, session_id: bytes, state: State, message: Message) -> Draft:
        """The session's draft of ``message``: the kept one if ``state`` has not changed since, or else an empty one."""
        new = Draft(state.epoch, state.folded, state.context_version, message.id, state.context)
        kept = self._kept.get(session_id)
        return kept if kept is not None and kept.continues(new) else new

    def keep(self, session_id: bytes, draft: Draft) -> None:
        """Keep ``draft`` as the session's only one."""
        self._kept[session_id] = draft
        self._kept.move_to_end(session_id)
        if len(self._kept) > MOST_DRAFTS:
            self._kept.popitem(last=False)

    def charged(self, session_id: bytes) -> None:
        """Note that the session has been charged for its draft."""
        if session_id in self._kept:
            self._kept[session_id] = replace(self._kept[session_id], used=NO_USAGE)

    def drop(self, session_id: bytes) -> None:
        """Forget the session's draft."""
        self._kept.pop(session_id, None)


def _begin(draft: Draft) -> tuple[str, int, int, str]:
    return draft.epoch, draft.folded, draft.context_version, draft.message
