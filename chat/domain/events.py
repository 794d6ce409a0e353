"""What happens in a turn, in the order in which it happens.

`TurnStarted`, `MemoryLoaded`, any number of `TextDelta`, then exactly one of `TurnFinished`, `TurnStopped` and
`TurnFailed`. A turn that fails early may end before `MemoryLoaded`. `Restarted` is never written into a log: a reader
gets it when what it has read is void, because another worker began the answer anew; the whole turn follows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The user's ``text``, and the ``worker`` (and its process id) that answers."""

    turn_id: str
    text: str
    worker: str
    pid: int


@dataclass(frozen=True, slots=True)
class MemoryLoaded:
    """What the model is told besides the new message.

    ``context`` is the running summary, ``messages`` how many of the window's messages are in the prompt, ``omitted``
    how many of its oldest were left out because the model's budget is full, ``recalled`` the lines found again in
    long-term memory; ``trouble`` is a sentence when they could not be looked for.
    """

    context: str | None
    messages: int
    omitted: int = 0
    recalled: tuple[str, ...] = ()
    trouble: str | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """All of the ``reply`` that there is. When ``remembered`` is false, ``reason`` says why and it can be saved again.

    ``cut`` says what ended it before it was whole, if anything did: "length" or "content_filter".
    """

    reply: str
    remembered: bool = True
    reason: str | None = None
    epoch: str | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class TurnStopped:
    """The user stopped it: ``reply`` is what there was, "" when nothing was yet (then nothing is remembered)."""

    reply: str
    remembered: bool = True
    reason: str | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """Nothing was remembered. ``reason`` is a sentence, ``code`` its name, ``reply`` what the user has seen of it."""

    code: str
    reason: str
    retryable: bool
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was read of this turn is void; it follows from its start."""


Event: TypeAlias = TurnStarted | MemoryLoaded | TextDelta | TurnFinished | TurnStopped | TurnFailed | Restarted

TERMINAL = (TurnFinished, TurnStopped, TurnFailed)

_KINDS: dict[str, type[Any]] = {
    "started": TurnStarted,
    "memory": MemoryLoaded,
    "delta": TextDelta,
    "finished": TurnFinished,
    "stopped": TurnStopped,
    "failed": TurnFailed,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def encode(event: Event) -> bytes:
    """The event as one log entry."""
    fields = {"text": event.text} if type(event) is TextDelta else asdict(event)
    return json.dumps([_NAMES[type(event)], fields], ensure_ascii=False, separators=(",", ":")).encode()


def decode(entry: bytes) -> Event:
    """The event that `encode` wrote."""
    name, fields = json.loads(entry)
    if name == "memory":
        fields["recalled"] = tuple(fields["recalled"])
    event: Event = _KINDS[name](**fields)
    return event
