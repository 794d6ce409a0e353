"""How much is summarised in one go: messages are gathered up to a budget, and split where one exceeds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motorhead.folding.summarizer import line_of
from motorhead.messages import Message


@dataclass(frozen=True, slots=True)
class Batch:
    """What one fold takes in: whole ``messages``, told to the model in one or more ``portions`` of lines."""

    messages: Sequence[Message]
    portions: Sequence[Sequence[str]]


def first_batch(messages: Sequence[Message], budget: int) -> Batch:
    """The longest beginning of ``messages`` whose lines fit ``budget`` characters, at least one message."""
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
    """``line`` in parts of at most ``budget`` characters, cut at a space where one is near; each names its speaker."""
    speaker, _, rest = line.partition(": ")
    room = max(1, budget - len(speaker) - 2)
    parts = []
    while rest:
        cut = len(rest) if len(rest) <= room else max(rest.rfind(" ", room // 2, room), 0) or room
        parts.append(f"{speaker}: {rest[:cut]}")
        rest = rest[cut:]
    return parts or [line]
