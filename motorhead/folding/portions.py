"""How much text is summarised at once: messages are gathered up to a budget; a longer message is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motorhead.folding.summarizer import line_of
from motorhead.messages import Message

#: The most messages in a batch; a batch rarely has more.
MOST_MESSAGES = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """The whole ``messages`` of one fold, and the ``portions`` of lines in which the model is given them."""

    messages: Sequence[Message]
    portions: Sequence[Sequence[str]]


def first_batch(messages: Sequence[Message], budget: int) -> Batch:
    """As many of the first ``messages`` as fit in ``budget`` characters; at least one, at most `MOST_MESSAGES`.

    The batch ends before a question if possible, so that answers are summarised with their questions.
    """
    lines = _fitting(messages[:MOST_MESSAGES], budget)
    if len(lines) == 1 and len(lines[0]) > budget:
        return Batch(messages[:1], [[part] for part in split(lines[0], budget)])
    ends = (count for count in range(len(lines), 0, -1) if count == len(messages) or not messages[count].by_model)
    count = next(ends, len(lines))
    return Batch(messages[:count], [lines[:count]])


def _fitting(messages: Sequence[Message], budget: int) -> list[str]:
    """The lines of as many of the first ``messages`` as fit in ``budget`` characters; at least one."""
    lines: list[str] = []
    size = 0
    for message in messages:
        line = line_of(message)
        size += len(line) + 1
        if lines and size > budget:
            break
        lines.append(line)
    return lines


def split(line: str, budget: int) -> list[str]:
    """``line`` in parts of at most ``budget`` characters, each naming its speaker, cut at a space where one is near."""
    speaker, _, rest = line.partition(": ")
    room = max(1, budget - len(speaker) - 2)
    parts = []
    while rest:
        cut = len(rest) if len(rest) <= room else max(rest.rfind(" ", room // 2, room), 0) or room
        parts.append(f"{speaker}: {rest[:cut]}")
        rest = rest[cut:]
    return parts or [line]
