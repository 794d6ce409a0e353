"""What the model of a turn was sent: the parts of its prompt, and when each step of the turn was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby


class PartKind(StrEnum):
    """Where a part of a prompt comes from."""

    SYSTEM = "system"
    SUMMARY = "summary"
    RECALLED = "recalled"
    WINDOW = "window"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A part of a prompt: an estimated number of ``tokens``, in a message of this ``role`` (as models name it).

    ``lead`` is sent directly before the ``text``: a heading or a blank line, or "" where a message begins.
    ``message_id`` is that of a message of the window; None if the memory server sends no ids. ``cut`` is the number of
    characters at the end of the text that were sent, but not kept.
    """

    kind: PartKind
    text: str
    tokens: int
    role: str
    lead: str = ""
    message_id: str | None = None
    cut: int = 0


def messages_of(parts: Iterable[PromptPart]) -> Iterator[tuple[str, str]]:
    """(role, text) of each message that is sent; neighbouring parts of one role are one message."""
    for role, together in groupby(parts, key=lambda part: part.role):
        yield role, "".join(part.lead + part.text for part in together)


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """The prompt that a turn's model was sent, for which there was a ``budget`` of tokens.

    ``omitted`` of the window's oldest messages did not fit into it. ``attempt`` counts the turn's prompts: those before
    were too long for the model. ``generation`` is that of the run. ``loaded`` and ``asked`` are the seconds from its
    beginning until the memory was loaded and the model was asked.
    """

    parts: tuple[PromptPart, ...]
    budget: int
    omitted: int
    attempt: int
    generation: int
    model: str
    worker: str
    pid: int
    host: str
    loaded: float
    asked: float

    @property
    def tokens(self) -> int:
        """The estimated tokens of the whole prompt."""
        return sum(part.tokens for part in self.parts)

    @property
    def question(self) -> str:
        """The user's message."""
        return next((part.text for part in self.parts if part.kind is PartKind.MESSAGE), "")


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """How a turn went on after its model was asked, and who ended it.

    ``first``, ``whole`` and ``appended`` are seconds from the beginning of the run until the reply's first word, its
    last, and its append; None for what did not happen there. ``reply`` is the `digest` of the reply that is remembered,
    "" if none is.
    """

    worker: str
    pid: int
    host: str
    first: float | None = None
    whole: float | None = None
    appended: float | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """What is known of a turn's prompt; a turn in progress has no ``end``."""

    sent: SentPrompt
    end: TurnEnd | None = None

    @property
    def ended_elsewhere(self) -> bool:
        """Whether another worker than the one that asked the model has ended the turn."""
        if self.end is None:
            return False
        return (self.end.worker, self.end.pid, self.end.host) != (self.sent.worker, self.sent.pid, self.sent.host)
