"""A prompt taken apart: who said what, what is remembered from earlier, or which summary is wanted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openai_standin.facts import SMALL_TALK, Fact, remember
from openai_standin.grammar import AI_SAID, ASKED
from openai_standin.statements import Statement, statements

_LABELS = {"human": "user", "user": "user", "you": "user", "system": "system"} | dict.fromkeys(
    ("ai", "assistant", "chatbot", "bot", "model"), "assistant"
)
_LABELLED = re.compile(r"(Human|User|AI|Assistant|Chatbot|Bot|Model|System)[ \t]*:[ \t]?(.*)", re.IGNORECASE)
_REPR = re.compile(r"(Human|AI|System)Message(?:Chunk)?\(content=('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)
_SUMMARY = re.compile(
    r"^Current summary:[ \t]*\n(?P<current>(?:(?!^Current summary:).)*?)"
    r"^New lines of conversation:[ \t]*\n(?P<lines>(?:(?!^Current summary:).)*)^New summary:\s*\Z",
    re.DOTALL | re.MULTILINE,
)
_BOUND = re.compile(
    r"(?:at most|under|within|no more than|maximum of) (\d[\d,]*) words|(\d[\d,]*) words or (?:less|fewer)",
    re.IGNORECASE,
)
_ABOUT_HUMAN = re.compile(r"(?:The |the )?(?:human|user|Human|User)(?=['’]s | )")
_REMEMBERED = re.compile(r"summary|remember|memory|so far|earlier", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?\"”])\s+(?=[A-Z])|\n+")
_OURS = re.compile(r"(?<=[.\"…])\s+(?=The human['’ ]|The AI |The user['’ ])")


@dataclass(frozen=True)
class Turn:
    """One message; ``role`` is ``user``, ``assistant`` or ``system``."""

    role: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """What is to be answered: the turns, oldest first, and everything that the human stated in them or before."""

    turns: tuple[Turn, ...]
    facts: tuple[Fact, ...]

    @property
    def asked(self) -> str:
        """The human's last message, empty when there is none."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")


@dataclass(frozen=True)
class SummaryRequest:
    """A fold: the summary so far, the turns to fold into it, and the most words of the new one (None: not said)."""

    current: str
    turns: tuple[Turn, ...]
    words: int | None


def parse_messages(turns: Sequence[Turn]) -> Prompt | SummaryRequest:
    """The prompt of a chat completion."""
    wanted = _summary_request(turns[-1].text, turns) if turns else None
    if wanted is not None:
        return wanted
    users = [turn for turn in turns if turn.role == "user"]
    if len(users) == 1 and re.search(r"^AI:\s*\Z", users[0].text, re.MULTILINE):
        turns = [*(turn for turn in turns if turn.role != "user"), *_labelled_turns(users[0].text)]
    return Prompt(tuple(turns), tuple(_told(turns)))


def parse_text(text: str) -> Prompt | SummaryRequest:
    """The prompt of a plain completion: labelled lines, or else a single message."""
    return _summary_request(text, ()) or _prompt(_labelled_turns(text))


def sentences(summary: str) -> list[str]:
    """The sentences of a running summary, in the wording ``The human …``."""
    parts = [part.strip() for line in summary.splitlines() for part in _OURS.split(line) if part.strip()]
    whole = [
        piece.strip()
        for part in parts
        for piece in ([part] if part.startswith(("The human", "The AI")) else _SENTENCE.split(part))
        if piece.strip()
    ]
    named = (_ABOUT_HUMAN.sub("The human", part, count=1) if _ABOUT_HUMAN.match(part) else part for part in whole)
    return [sentence for sentence in named if sentence != SMALL_TALK]


def fold_statements(facts: Iterable[Fact], told: Iterable[Statement]) -> list[Fact]:
    """``facts`` with what was ``told`` since, the newest last."""
    kept = list(facts)
    for statement in told:
        kept = _folded(kept, statement)
    return kept


def _folded(facts: list[Fact], told: Statement) -> list[Fact]:
    if told.denied is not None:
        facts = [old for old in facts if not told.denied.takes_back(old)]
    new = (told.amends and _amended(facts, *told.amends)) or told.fact
    return remember(facts, new, correction=told.correction)


def _amended(facts: list[Fact], old: str, new: str) -> Fact | None:
    """The newest of ``facts`` that holds ``old``, taken out of them, with ``new`` for it."""
    for place in reversed(range(len(facts))):
        if amended := facts[place].amended(old, new):
            del facts[place]
            return amended
    return None


def _prompt(turns: Sequence[Turn]) -> Prompt:
    return Prompt(tuple(turns), tuple(_told(turns)))


def _told(turns: Sequence[Turn]) -> list[Fact]:
    facts: list[Fact] = []
    for turn in turns:
        if turn.role == "system":
            facts = [*facts, *(Fact(sentence) for sentence in _remembered(turn.text))]
        elif turn.role == "user":
            facts = fold_statements(facts, statements(turn.text))
    return facts


def _remembered(system: str) -> list[str]:
    """The memories in a system text: every sentence under a heading that says so, else those about the human."""
    kept: list[str] = []
    under_heading = False
    for line in system.splitlines():
        if line.rstrip().endswith(":") and len(line) < 120:
            under_heading = _REMEMBERED.search(line) is not None
        elif labelled := _LABELLED.match(line.strip(" -*")):
            kept += [told.fact.sentence for told in statements(labelled[2])] if _role(labelled[1]) == "user" else []
        elif line.strip():
            about = sentences(line)
            kept += [part for part in about if under_heading or part.startswith("The human")]
    return [part for part in kept if not part.startswith((ASKED, AI_SAID))]


def _summary_request(text: str, turns: Sequence[Turn]) -> SummaryRequest | None:
    found = list(_SUMMARY.finditer(text))
    if not found:
        return None
    current = found[-1]["current"].strip()
    bound = _BOUND.search("\n".join([*(turn.text for turn in turns[:-1]), text[: found[-1].start()]]))
    words = int((bound[1] or bound[2]).replace(",", "")) if bound else None
    folded = _labelled_turns(found[-1]["lines"], indented=True)
    return SummaryRequest("" if current in ("(none yet)", "NONE") else current, tuple(folded), words)


def _labelled_turns(text: str, *, indented: bool = False) -> list[Turn]:
    """``Human: …`` and ``AI: …`` lines as turns; what comes before the first is the system's, or all the human's."""
    preface: list[str] = []
    turns: list[Turn] = []
    for line in text.splitlines():
        if labelled := _LABELLED.match(line):
            turns.append(Turn(_role(labelled[1]), labelled[2]))
        elif turns:
            more = line.removeprefix("  ") if indented else line
            turns[-1] = Turn(turns[-1].role, f"{turns[-1].text}\n{more}")
        else:
            preface.append(line)
    before = "\n".join(preface).strip()
    if not turns and not _REPR.search(before):
        return [Turn("user", before)]
    spoken = [Turn(turn.role, turn.text.strip()) for turn in turns]
    return [*_preface_turns(before), *(turn for turn in spoken if turn.text)]


def _preface_turns(text: str) -> list[Turn]:
    """The system text, and the messages of a list that was put into the prompt as Python writes it."""
    listed = [Turn(_role(kind), ast.literal_eval(content)) for kind, content in _REPR.findall(text)]
    rest = re.sub(r"\[(?:Human|AI|System)Message.*\]", "", text, flags=re.DOTALL) if listed else text
    return [*([Turn("system", rest.strip())] if rest.strip() else []), *listed]


def _role(label: str) -> str:
    return _LABELS[label.lower()]
