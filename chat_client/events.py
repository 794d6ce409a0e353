"""What happens in a turn, in order.

`TurnStarted`, `MemoryLoaded`, any number of `ReasoningDelta` and `TextDelta`, then `TurnFinished` or `TurnStopped`. A
turn that fails raises `chat_client.TurnFailed` instead. A stopped turn may end before its memory is loaded, and where
the model could not read all of its memory, another `MemoryLoaded` holds instead.

`Restarted` comes only if a worker died and the next one wrote something else: what came so far is void, and the whole
turn follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The answer to ``text`` begins, in the process ``pid`` of ``worker``.

    ``message_id`` is the id that the answer will have in the session's messages.
    """

    turn_id: str
    message_id: str
    text: str
    worker: str
    pid: int


@dataclass(frozen=True, slots=True)
class MemoryLoaded:
    """What the model receives besides the message.

    ``context`` is the running summary, if there is one, ``messages`` the number of the newest ones, ``omitted`` that
    of older ones that did not fit, ``recalled`` what was found in long-term memory. ``trouble`` is a sentence if that
    could not be searched.
    """

    context: str | None
    messages: int
    omitted: int = 0
    recalled: tuple[str, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of what the model thinks before it answers. It is never remembered."""

    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply, in Markdown as the model wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """Everything before is void; the whole turn follows."""


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The whole ``reply``. If it was not ``remembered``, ``reason`` says why.

    ``cut`` says what ended it early, if anything did: "length" or "content-filter".
    """

    reply: str
    remembered: bool = True
    reason: str | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class TurnStopped:
    """Somebody stopped the turn. ``reply`` is the text so far; ``remembered`` and ``reason`` as in `TurnFinished`."""

    reply: str
    remembered: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MemoryChanged:
    """The memory of a watched session: not part of a turn.

    ``context`` is the summary of the messages up to number ``folded``, if there is one, ``messages`` how many follow.
    ``fold`` is the state of the folding: idle, pending, parked, off or unknown.
    """

    context: str | None
    messages: int
    folded: int
    fold: str


Delta: TypeAlias = ReasoningDelta | TextDelta
Event: TypeAlias = TurnStarted | MemoryLoaded | Delta | Restarted | TurnFinished | TurnStopped
