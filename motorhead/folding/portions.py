"""How much text is summarised at once: messages are gathered up to a budget; a longer message is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motorhead.exceptions import SummaryCut, TextRefused, TextTooLarge
from motorhead.folding.summarizer import line_of
from motorhead.messages import Message

#: The most messages in a batch; a batch rarely has more.
MOST_MESSAGES = 500
#: A batch that the model refuses as too large is halved until it has this many characters.
SMALLEST_BATCH = 400
#: A refused text is halved, too; this contains the rest of it.
SMALLEST_REFUSED = 2 * SMALLEST_BATCH
#: The summaries after which twice as much is tried. If it is too much still, that costs a refused request.
SUMMARIES_UNTIL_MORE = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """The whole ``messages`` of one fold, and their ``lines``."""

    messages: Sequence[Message]
    lines: Sequence[str]

    @property
    def size(self) -> int:
        """The characters of the lines, joined."""
        return sum(map(len, self.lines)) + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class Budget:
    """How many ``characters`` of lines to give to the model.

    ``lowered``: how many remained when the text last exceeded the model's context; None: it never did.
    """

    characters: int
    lowered: int | None = None

    def half(self, refused: int, error: TextTooLarge) -> Budget:
        """Half of the ``refused`` characters. Raises ``error`` if that is too little to be worth a try."""
        half = min(self.characters, refused) // 2
        if half < SMALLEST_BATCH:
            raise error
        return Budget(half, self.lowered if isinstance(error, SummaryCut | TextRefused) else half)


class Capacity:
    """How many characters to give to the model at most, once more has exceeded its context.

    It is given the present summary, too, so the sum of both is what one session teaches about the others. A gateway may
    have passed that one text to a smaller model, so the size doubles every `SUMMARIES_UNTIL_MORE` summaries.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: int | None = None
        self._summaries = 0

    def beside(self, context: str | None) -> Budget:
        """The budget in addition to ``context``: at first the most that is configured."""
        if self._taken is None:
            return Budget(self._most)
        return Budget(min(self._most, max(self._taken - len(context or ""), SMALLEST_BATCH)))

    def took(self, context: str | None, budget: Budget) -> None:
        """Note that the model has summarised a batch of this ``budget`` in addition to ``context``."""
        if budget.lowered is not None:
            taken = len(context or "") + budget.lowered
            self._taken, self._summaries = min(taken, self._taken or taken), 0
        elif self._taken is not None:
            self._recover(self._taken)

    def _recover(self, taken: int) -> None:
        self._summaries = (self._summaries + 1) % SUMMARIES_UNTIL_MORE
        if self._summaries == 0:
            self._taken = taken * 2 if taken < self._most else None


def first_batch(messages: Sequence[Message], budget: int) -> Batch:
    """As many of the first ``messages`` as fit in ``budget`` characters; at least one, at most `MOST_MESSAGES`.

    The batch ends before a question if possible, so that answers are summarised with their questions.
    """
    lines = _fitting(messages[:MOST_MESSAGES], budget)
    ends = (count for count in range(len(lines), 0, -1) if count == len(messages) or not messages[count].by_model)
    count = next(ends, len(lines))
    return Batch(messages[:count], lines[:count])


def _fitting(messages: Sequence[Message], budget: int) -> list[str]:
    """The lines of as many of the first ``messages`` as fit in ``budget`` characters; at least one."""
    lines: list[str] = []
    size = -1
    for message in messages:
        line = line_of(message)
        size += len(line) + 1
        if lines and size > budget:
            break
        lines.append(line)
    return lines


def next_part(line: str, done: int, budget: int) -> tuple[str, int]:
    """The next part of ``line``, whose first ``done`` characters are done, and how many are done with it.

    A part has at most ``budget`` characters, names its speaker, and ends at a space where one is near.
    """
    speaker, _, text = line.partition(": ")
    start = max(done - len(speaker) - 2, 0)
    end = start + max(1, budget - len(speaker) - 2)
    if end < len(text):
        space = text.rfind(" ", (start + end) // 2, end)
        end = space if space > start else end
    return f"{speaker}: {text[start:end]}", len(speaker) + 2 + min(end, len(text))
