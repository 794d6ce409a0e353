"""What a summary gives up last and first: names, what is like a name, details, plain statements, remarks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from openai_standin.grammar import AI_SAID, ASKED, SAID
from openai_standin.vocabulary import COUNTED, DATES, HEALTH, IDENTITY, SINGLE, STOP_WORDS
from openai_standin.words import stem


class Rank(IntEnum):
    """What a summary gives up last (lowest) and first (highest)."""

    NAME = 0
    IDENTITY = 1
    DETAIL = 2
    STATEMENT = 3
    REMARK = 4
    QUESTION = 5
    MODEL = 6


def _any(words: Iterable[str]) -> str:
    return rf"\b(?:{'|'.join(sorted(words))})\b"


#: What everybody has one of.
IDENTITY_KEYS = frozenset({"name", "age", "home", "origin", "work", "employer"})
_IDENTITY_STEMS = frozenset(map(stem, IDENTITY))
_BE = r"(?:is|are|was|were|will be)"
#: ``the address of the hotel is …``, ``our wifi password is …``; ``number 3 is …`` only counts something off.
_TOLD_THING = re.compile(rf"(?:the|our|my) (?:[\w'’-]+ ){{0,4}}?{_any(IDENTITY)}(?! \d)[^.;]*? {_BE} ", re.IGNORECASE)
_TOLD_HEALTH = re.compile(rf"\b(?:is|are|am|was|has|have|had)\b.*{_any(HEALTH)}", re.IGNORECASE)
_PREFERENCE = re.compile(
    r"(?:does not |really |also |never |always )?(?:like|love|hate|enjoy|dislike|prefer|want|need)"
)
_DENIAL = re.compile(r"The human's .+ (?:is|are|was|were)(?:n['’]t| not) ")
_PROPER = re.compile(r"(?<=[a-z,] )[A-Z]\w")
_COUNTED_OFF = re.compile(rf"(?:{_any(COUNTED)}|#) ?#?\d+", re.IGNORECASE)
#: A figure that tells something: of a thing, of a time or place, a clock's, a price, an amount of something.
_FIGURE = re.compile(
    rf"\b(?:{_BE}|has|have|had|at|on|in|by|until|till|from|since|after|before|for)\b(?: \w+)? \S?\d|"
    rf"{_any(SINGLE)} \d|\d[:.h]\d\d|[€$£] ?\d|\d ?[€$£%]|\d (?!{_any(STOP_WORDS)})[a-z]",
    re.IGNORECASE,
)
_DATE = re.compile(_any(DATES), re.IGNORECASE)
_OWN = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)


def rank_of(sentence: str, key: str | None) -> Rank:
    """How much ``sentence``, which is about ``key``, matters."""
    if sentence.startswith(AI_SAID):
        return Rank.MODEL
    if sentence.startswith(ASKED):
        return Rank.QUESTION
    if key == "name":
        return Rank.NAME
    if _is_identity(sentence, key or ""):
        return Rank.IDENTITY
    if not sentence.startswith("The human") or key:  # by another hand, or about a thing that the human named
        return Rank.DETAIL
    return _rank_of_saying(sentence.removeprefix(SAID)) if sentence.startswith(SAID) else _rank_of_plain(sentence)


def _is_identity(sentence: str, key: str) -> bool:
    if key in IDENTITY_KEYS or key.startswith(("called:", "of:favourit")):
        return True
    of = key.removeprefix("of:").split() if key.startswith("of:") else []
    return (
        bool(_IDENTITY_STEMS.intersection(of))
        or _TOLD_THING.match(sentence.removeprefix(SAID)) is not None
        or _TOLD_HEALTH.search(sentence) is not None
    )


def _rank_of_plain(sentence: str) -> Rank:
    """Of a sentence about the human, any figure and any name tell something."""
    rest = sentence.removeprefix("The human").strip()
    tells = _PREFERENCE.match(rest) or _DENIAL.match(sentence) or re.search(r"\d", rest)
    return Rank.DETAIL if tells or _DATE.search(rest) or _PROPER.search(rest) else Rank.STATEMENT


def _rank_of_saying(saying: str) -> Rank:
    """What is only quoted may be small talk: a figure has to be of something."""
    if _FIGURE.search(_COUNTED_OFF.sub("", saying)) or _DATE.search(saying) or _PROPER.search(saying):
        return Rank.DETAIL
    return Rank.STATEMENT if _OWN.search(saying) else Rank.REMARK
