"""The events of a turn, in order.

`TurnStarted`, `MemoryLoaded`, any number of `TextDelta`, then exactly one of `TurnFinished`, `TurnStopped` and
`TurnFailed`. A model that thinks first has `ReasoningDelta` before its text, and `ReasoningEnded` between the two. A
turn that fails early may end before `MemoryLoaded`. Where the model could not read the whole prompt, further
`MemoryLoaded` come before the first delta, and the last one holds. `Restarted` is never written to a log: a reader gets
it when another worker has started the answer again, which voids everything read so far. The whole turn follows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The user's ``text``, and the name and process id of the worker that answers it.

    ``replace_after``: the exchange will replace the messages behind the one with this id ("0": all); None: no message.
    """

    turn_id: str
    text: str
    worker: str
    pid: int
    replace_after: str | None = None


@dataclass(frozen=True, slots=True)
class MemoryLoaded:
    """What the prompt contains in addition to the new message.

    ``context`` is the running summary, ``messages`` the number of the window's messages in the prompt, ``omitted``
    the number of its oldest that did not fit into the model's budget, ``recalled`` the lines found in long-term
    memory; ``trouble`` is a sentence if the search for them failed. ``tokens`` estimates how much each kind of part
    takes (see `chat.domain.prompts.PartKind`) of the ``budget``.
    """

    context: str | None
    messages: int
    omitted: int = 0
    recalled: tuple[str, ...] = ()
    trouble: str | None = None
    epoch: str | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    budget: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of the model's reasoning, which is not part of the reply and never remembered."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningEnded:
    """The model has thought for ``seconds``; its answer begins."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """The ``reply``. If it was not ``remembered``, ``reason`` says why, and the exchange can be saved again.

    ``cut`` says what cut the reply short, if anything did: "length" or "content_filter".
    """

    reply: str
    remembered: bool = True
    reason: str | None = None
    epoch: str | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class TurnStopped:
    """The user stopped the turn. ``reply`` is the text so far; if it is "", nothing is remembered."""

    reply: str
    remembered: bool = True
    reason: str | None = None
    epoch: str | None = None


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """Nothing was remembered. ``reason`` is a sentence, ``code`` its name, ``reply`` the text the user has seen.

    ``retry_after``: the seconds after which the same message may succeed, if that is known.
    """

    code: str
    reason: str
    retryable: bool
    reply: str = ""
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """Everything read of this turn is void; the turn follows from its start."""


#: What streams between the memory and the end.
Delta: TypeAlias = ReasoningDelta | ReasoningEnded | TextDelta

Event: TypeAlias = TurnStarted | MemoryLoaded | Delta | TurnFinished | TurnStopped | TurnFailed | Restarted

TERMINAL = (TurnFinished, TurnStopped, TurnFailed)

_KINDS: dict[str, type[Any]] = {
    "started": TurnStarted,
    "memory": MemoryLoaded,
    "reasoning": ReasoningDelta,
    "reasoned": ReasoningEnded,
    "delta": TextDelta,
    "finished": TurnFinished,
    "stopped": TurnStopped,
    "failed": TurnFailed,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(event: Event) -> bytes:
    """Encode ``event`` as a log entry."""
    written = {"text": event.text} if isinstance(event, TextDelta | ReasoningDelta) else asdict(event)
    if isinstance(event, TurnFailed) and event.retry_after is None:
        del written["retry_after"]  # a worker of an earlier version does not know it
    return _JSON.encode([_NAMES[type(event)], written]).encode()


def decode(entry: bytes) -> Event:
    """Decode an entry written by `encode`, here or in a later version."""
    name, written = json.loads(entry)
    if name == "memory":
        written["recalled"] = tuple(written["recalled"])
    kind = _KINDS[name]
    try:
        event: Event = kind(**written)
    except TypeError:  # a later version has more to say
        known = {each.name for each in fields(kind)}
        event = kind(**{key: value for key, value in written.items() if key in known})
    return event
