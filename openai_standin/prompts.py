"""Parsing of prompts: what is asked and known, or which summary is requested."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from openai_standin.facts import ASKED, MOST_FACTS, SMALL_TALK, Fact, make_fact
from openai_standin.statements import ReadingTime, fold_text, statements

_LABELLED = re.compile(r"(?i)(Human|User|AI|Assistant|Chatbot|Bot|Model|System): ?(.*)")
_ROLES = {"human": "user", "user": "user", "system": "system", "developer": "system"}
_BOUND = re.compile(r"(?:at most|under|within|no more than) (\d{1,6}) words|\b(\d{1,6}) words or (?:less|fewer)")
_HEADING = re.compile(r"(?i)summary|remember|memory|so far|earlier")
_ABOUT_HUMAN = re.compile(r"(?i)\A(?:the )?(?:human|user)(?='s | )")
_OURS = ("The human", "The AI")
_NEXT_OURS = re.compile(r"(?<=[.\"…]) (?=The (?:human|user|AI)\b)")
_NEXT = re.compile(r"(?<=[.!?\"”]) (?=[A-Z])")


class Turn(NamedTuple):
    """One message; ``role`` is ``user``, ``assistant`` or ``system``."""

    role: str
    text: str


class Prompt(NamedTuple):
    """The human's messages, oldest first, the last to be answered, and the facts in them and in a summary."""

    said: list[str]
    facts: list[Fact]


class SummaryRequest(NamedTuple):
    """A fold: the summary so far, the turns to fold into it, and the most words in the new one (None: no limit)."""

    current: str
    turns: list[Turn]
    words: int | None


def role_of(name: str) -> str:
    """The role of a speaker, by any of its names."""
    return _ROLES.get(name.lower(), "assistant")


def parse_messages(turns: Sequence[Turn]) -> Prompt | SummaryRequest:
    """The prompt of a chat completion."""
    return _summary_request(turns[-1].text, "\n".join(turn.text for turn in turns[:-1])) or _prompt(turns)


def parse_text(text: str) -> Prompt | SummaryRequest:
    """The prompt of a plain completion: labelled lines, or a single message."""
    return _summary_request(text, "") or _prompt(_labelled_turns(text))


def remembered_sentences(summary: str) -> list[str]:
    """The sentences of a running summary, in the wording ``The human …``."""
    lines = (" ".join(line.split()) for line in summary.splitlines())
    parts = (part for line in lines for part in _NEXT_OURS.split(line) if part)
    whole = (one for part in parts for one in ([part] if part.startswith(_OURS) else _NEXT.split(part)))
    worded = (_ABOUT_HUMAN.sub("The human", sentence) for sentence in whole)
    return [sentence for sentence in worded if sentence != SMALL_TALK]


def _prompt(turns: Sequence[Turn]) -> Prompt:
    facts: list[Fact] = []
    time = ReadingTime()
    for turn in turns:
        if turn.role == "system":
            facts = [*facts, *map(make_fact, _memories(turn.text))][:MOST_FACTS]
        elif turn.role == "user":
            facts = fold_text(facts, turn.text, time)
    return Prompt([turn.text.strip() for turn in turns if turn.role == "user"], facts)


def _memories(system: str) -> Iterator[str]:
    """The memories in a system text: all sentences under a heading for memories, elsewhere those about the human."""
    under_heading = False
    for line in system.splitlines():
        labelled = _LABELLED.match(line.strip(" -*"))
        if line.endswith(":"):
            under_heading = _HEADING.search(line[:120]) is not None
        elif labelled and role_of(labelled[1]) == "user":
            yield from (statement.fact.sentence for statement in statements(labelled[2]))
        elif not labelled:
            about = (one for one in remembered_sentences(line) if under_heading or one.startswith("The human"))
            yield from (sentence for sentence in about if not sentence.startswith((ASKED, "The AI")))


def _summary_request(text: str, before: str) -> SummaryRequest | None:
    instructions, start, framed = f"\n{text}".rpartition("\nCurrent summary:")
    current, middle, framed = framed.partition("\nNew lines of conversation:\n")
    lines, end, rest = framed.rpartition("\nNew summary:")
    if not (start and middle and end) or rest.strip():
        return None
    bound = _BOUND.search(f"{before}\n{instructions}")
    words = int(bound[1] or bound[2]) if bound else None
    return SummaryRequest(current.strip().removeprefix("(none yet)"), _labelled_turns(lines), words)


def _labelled_turns(text: str) -> list[Turn]:
    """The turns in ``Human: …`` and ``AI: …`` lines.

    Text before the first label is the system's; without any label, all of it is the human's.
    """
    turns = [("system", [""])]
    for line in text.split("\n"):
        if labelled := _LABELLED.match(line):
            turns.append((role_of(labelled[1]), [labelled[2]]))
        else:
            turns[-1][1].append(line.removeprefix("  "))
    if len(turns) == 1:
        return [Turn("user", text.strip())]
    spoken = (Turn(role, "\n".join(lines).strip()) for role, lines in turns)
    return [turn for turn in spoken if turn.text]
