"""Bars of several segments: a prompt by its tokens, and a turn by its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from chat.domain.messages import Memory
from chat.domain.prompts import PartKind, PromptRecord
from chat.turns.prompt import build_prompt
from chat.web.wording import grouped

#: The length of a whole bar, and the least of a segment that can be seen.
WHOLE, LEAST = 1000, 12

#: What the bars of a turn's prompt and of the next one say.
TOKENS = gettext_noop("Tokens, estimated")
NEXT = gettext_noop("Tokens of the next prompt, estimated")

#: The name of each kind of part, and a sentence about it.
PARTS = {
    PartKind.SYSTEM: (
        gettext_noop("Instructions"),
        gettext_noop("The site's instructions to the model. They come first, and are never left out."),
    ),
    PartKind.SUMMARY: (
        gettext_noop("Summary"),
        gettext_noop("The running summary of everything before the window: the part that you can correct."),
    ),
    PartKind.RECALLED: (
        gettext_noop("Recalled"),
        gettext_noop("Older lines from long-term memory that seem close to the new message."),
    ),
    PartKind.WINDOW: (
        gettext_noop("Window"),
        gettext_noop("The newest messages, word for word. When there are too many, the oldest are folded."),
    ),
    PartKind.MESSAGE: (gettext_noop("New message"), gettext_noop("The message that the model answers.")),
}

#: The steps of a turn: a name, and a sentence.
STEPS = {
    "load": (gettext_noop("Memory"), gettext_noop("Loading the window and the summary.")),
    "prepare": (
        gettext_noop("Prompt"),
        gettext_noop("Finding lines in long-term memory, and putting the prompt together."),
    ),
    "wait": (
        gettext_noop("First word"),
        gettext_noop("From the question to the model until the first word of its reply. Some models think first."),
    ),
    "write": (gettext_noop("Writing"), gettext_noop("From the first word to the last.")),
    "append": (gettext_noop("Remembering"), gettext_noop("Appending your message and the reply to the memory.")),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a bar, from ``begin`` on, both in thousandths of the bar. ``amount`` is its size in words."""

    kind: str
    label: str
    sentence: str
    amount: str
    begin: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its ``segments``; ``amount`` is the size of all of them in words."""

    label: str
    amount: str
    segments: tuple[Segment, ...]


def next_prompt_bar(memory: Memory, *, system: str, budget: int) -> Bar:
    """The tokens of each kind of part that the next prompt has besides the new message."""
    tokens = build_prompt(memory, "", system=system, budget=budget).tokens_by_kind
    return prompt_bar({kind: count for kind, count in tokens.items() if kind != PartKind.MESSAGE}, budget, NEXT)


def prompt_bar(tokens: Mapping[str, int], budget: int, label: str = TOKENS) -> Bar:
    """The ``tokens`` of each kind of part, against the ``budget`` of the whole prompt."""
    used = sum(tokens.values())
    steps = [(kind.value, PARTS[kind], grouped(tokens[kind]), tokens[kind]) for kind in PartKind if kind in tokens]
    amount = grouped(used)
    if budget:
        amount = gettext("{used} of {budget}").format(used=amount, budget=grouped(budget))
    return Bar(gettext(label), amount, tuple(_segments(steps, max(used, budget))))


def time_bar(record: PromptRecord) -> Bar:
    """The steps of the turn, each with the seconds that it took, as far as the turn has got."""
    steps, before = [], 0.0
    for kind, after in _moments(record).items():
        if after is not None:
            steps.append((kind, STEPS[kind], in_short(after - before), after - before))
            before = after
    return Bar(gettext("Time"), in_short(before), tuple(_segments(steps, before)))


def _moments(record: PromptRecord) -> dict[str, float | None]:
    """When each step was done."""
    sent, end = record.sent, record.end
    moments = {"load": sent.loaded, "prepare": sent.asked}
    return moments | ({"wait": end.first, "write": end.whole, "append": end.appended} if end else {})


def _segments(steps: Sequence[tuple[str, tuple[str, str], str, float]], whole: float) -> Iterator[Segment]:
    """A segment for each (kind, words, amount, size); sizes add up to at most ``whole``."""
    room = WHOLE - LEAST * len(steps)
    begin = 0
    for kind, (label, sentence), amount, size in steps:
        width = LEAST + int(room * size / whole if whole else 0)
        yield Segment(kind, gettext(label), gettext(sentence), amount, begin, width)
        begin += width


def in_short(seconds: float) -> str:
    """Seconds as "12 ms", "1.25 s" or "2 min 5 s"."""
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 60:
        return f"{number_format(seconds, 2 if seconds < 10 else 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
