"""How much text is summarised at once: messages are gathered up to a budget; a longer message is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motorhead.folding.summarizer import line_of
from motorhead.messages import Message


@dataclass(frozen=True, slots=True)
class Batch:
    """The whole ``messages`` of one fold, and the ``portions`` of lines in which the model is given them."""

    messages: Sequence[Message]
    portions: Sequence[Sequence[str]]


def first_batch(messages: Sequence[Message], budget: int) -> Batch:
    """As many of the first ``messages`` as fit in ``budget`` characters; at least one."""
    lines: list[str] = []
    size = 0
    for message in messages:
        line = line_of(message)
        size += len(line) + 1
        if lines and size > budget:
            break
        lines.append(line)
    if len(lines) == 1 and len(lines[0]) > budget:
        return Batch(messages[:1], [[part] for part in split(lines[0], budget)])
    return Batch(messages[: len(lines)], [lines])


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
