"""Splitting of messages into clauses, each of which states, asks or requests one thing."""

from __future__ import annotations

import re
from typing import NamedTuple

from openai_standin.vocabulary import plain_words, written_out

#: The most characters read of a message and of a clause, so that no pattern runs on a long text.
MESSAGE_CHARACTERS, CLAUSE_CHARACTERS = 20_000, 300

_CODE = re.compile(r"(?s)```.*?(?:```|\Z)")
#: A denial and the correction right after it: one clause.
_PUT_RIGHT = re.compile(r"(?i)( not [^.;!?\n]{1,60})[.;!] (?=(?:it|they|he|she) (?:is|are) )")
_SENTENCE_END = re.compile(r"(?<=[!?…]) |(?<=\.)(?<!\b[^\W\d]\.)(?<!\b[DMS][rst]\.)(?<!\bMrs\.) |; ?|\n")
_CLAUSE_END = re.compile(
    r"(?i)(?:, and|, but|,| and| but) (?=(?:my|i (?:am|live|work|have|like|love|hate|prefer|come)|call me)\b)|"
    r", (?=(?:what|where|who|when|which|how|do you|can you)\b)"
)
_GREETING = r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day))(?: there| everyone)?"
_CORRECTION = r"actually|no|nope|sorry|wait|i meant|in fact"
_OPENING = re.compile(
    rf"(?i)(?:(?:{_GREETING}|{_CORRECTION}|well|oh|ok|okay|so|and|but|also|yes|by the way|btw|please|remember that|"
    r"remember|note that|thanks|thank you|cool|great|nice)\b[ ,!:.–-]*)+"
)
_ASKS = re.compile(
    r"(?i)(?:wh(?:at|ere|o|ose|en|ich|y)|how|do|does|did|is|are|am|was|were|can|could|would|will|should|have|has)\b"
)
_WANTS = re.compile(
    r"(?i)(?:tell|remind|show|give|write|count|list|explain|describe|repeat|say|make|create|help|translate|draw|try)\b"
)
_OWN = re.compile(r"\b(?:my|me|i|we|our|you|your|remember)\b|^what is for ")


class Clause(NamedTuple):
    """A part of a message about one thing, contractions written out, without its opening (``hi,``, ``no, sorry,``).

    It may ask a question, request something, open with a greeting, or open with a word of correction.
    """

    text: str
    asks: bool
    wants: bool
    greets: bool
    corrects: bool


def clauses(text: str) -> list[Clause]:
    """The sentences of ``text`` without code, split where another statement about the human begins."""
    lines = _CODE.sub(" ", text[:MESSAGE_CHARACTERS]).splitlines()
    plain = written_out("\n".join(" ".join(line.split()) for line in lines))
    sentences = _SENTENCE_END.split(_PUT_RIGHT.sub(r"\1, ", plain))
    return [clause for sentence in sentences if sentence for clause in _parted(sentence)]


def is_about_memory(question: str) -> bool:
    """Whether ``question`` is about what the human has said, not about the world."""
    return _OWN.search(re.sub(r"^\w+ me\b", "", " ".join(plain_words(question)))) is not None


def _parted(sentence: str) -> list[Clause]:
    opened = _OPENING.match(sentence)
    opening = opened[0] if opened else ""
    first, *more = _CLAUSE_END.split(sentence[len(opening) :])
    if re.fullmatch(r"(?i)my \w+", first):  # "my wife and I have a cat" is one fact
        first, more = sentence[len(opening) :], []
    return [_clause(opening, first), *(_clause("", text) for text in more)]


def _clause(opening: str, text: str) -> Clause:
    asks, wants = text.endswith("?") or bool(_ASKS.match(text)), bool(_WANTS.match(text))
    short = text if len(text) <= CLAUSE_CHARACTERS else f"{text[:CLAUSE_CHARACTERS].rstrip()} …"
    greets, corrects = re.match(rf"(?i){_GREETING}\b", opening), re.search(rf"(?i)\b(?:{_CORRECTION})\b", opening)
    return Clause(short.strip(), asks, wants, bool(greets), bool(corrects))
