"""What a clause puts right: ``my car isn't red, it's blue`` states the one and takes back the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BE = r"is|are|was|were|am"
_PRONOUN = r"it|they|he|she|that|this|those|these"
#: ``Not only big`` denies nothing.
_NOT = r"(?:n['’]?t| not)(?! (?:only|just|merely)\b)"
_HEDGE = r"(?:(?:rather|actually|really|in fact|now|instead|more like)\s+)?"
#: Words that begin a part of a sentence: where both sides have the same, one stands for the other.
_PART = r"in|at|on|for|from|to|by|with|near|about|until|since|as|a|an|the|my|our|his|her|their"
_NO_VALUE = (
    rf"(?!(?:{_PRONOUN}|i|we|you|there|what|where|when|why|how|who|because|still|also|just|never|always|only|not)\b)"
)
_COMMENT = r"(?!(?:an? |such |really |so |very |all |quite )*(?:pity|shame|problem|fine|ok|okay|good|great|sad|true)\b)"
_SO_IT_IS = re.compile(
    rf"(?P<subject>.{{1,80}}?) (?P<verb>{_BE}){_NOT} (?P<old>.{{1,60}}?)[\s,:–—-]+(?:but |and |no,? )?"
    rf"(?:(?:{_PRONOUN})(?:['’]s|['’]re| (?:{_BE}))|its) {_HEDGE}{_COMMENT}(?P<new>.+)$",
    re.IGNORECASE,
)
_BUT = re.compile(
    rf"(?P<subject>.{{1,80}}?) (?P<verb>{_BE}){_NOT} (?P<old>.{{1,60}}?),? (?:but|rather) {_HEDGE}"
    rf"(?P<new>{_NO_VALUE}.+)$",
    re.IGNORECASE,
)
_NOT_PART_BUT = re.compile(
    rf"(?P<subject>.{{1,80}}?) (?:do not (?P<verb>\w+)|not) (?P<old>(?P<part>{_PART})\b .{{1,60}}?),? but {_HEDGE}"
    rf"(?P<new>(?P=part)\b .+)$",
    re.IGNORECASE,
)
_NOT_WORD_BUT = re.compile(
    rf"(?P<subject>.{{1,80}}?)(?P<verb>) not (?P<old>\w+),? but (?P<new>{_NO_VALUE}\w+)$", re.IGNORECASE
)
_IS_NOT = re.compile(rf"(?P<subject>.{{1,80}}?) (?P<verb>{_BE}){_NOT} (?P<old>.+)$", re.IGNORECASE)
_SUBJECTLESS = re.compile(
    rf"(?:(?:{_PRONOUN}) (?:{_BE})|(?:{_PRONOUN})['’]s|its|i (?:meant|said)) (?=not )", re.IGNORECASE
)
_POINTS_BACK = re.compile(rf"(?:{_PRONOUN})$", re.IGNORECASE)


@dataclass(frozen=True)
class Correction:
    """What is so, and what is not: clauses, or, where the clause only points back (``it``), the bare values."""

    stated: str
    denied: str
    points_back: bool = False


def correction_in(told: str) -> Correction | None:
    """What ``told`` puts right; None where it takes nothing back. ``stated`` is empty where it only denies."""
    for pattern in (_SO_IT_IS, _BUT, _NOT_PART_BUT, _NOT_WORD_BUT):
        found = pattern.match(_with_subject(told))
        if found and (pattern is not _BUT or _is_parallel(found["old"], found["new"])):
            return _correction(found, found["new"])
    found = _IS_NOT.match(told)
    return Correction("", _clause(found, found["old"])) if found and not _POINTS_BACK.match(found["subject"]) else None


def _with_subject(told: str) -> str:
    """``Not blue but green`` and ``it's not blue, it's green``, with a subject that points back."""
    if told.lower().startswith("not "):
        return f"it is {told}"
    return _SUBJECTLESS.sub("it is ", told, count=1) if _SUBJECTLESS.match(told) else told


def _correction(found: re.Match[str], new: str) -> Correction:
    if _POINTS_BACK.match(found["subject"]):
        return Correction(new, found["old"], points_back=True)
    return Correction(_clause(found, new), _clause(found, found["old"]))


def _clause(found: re.Match[str], value: str) -> str:
    return " ".join(part for part in (found["subject"], found["verb"], value) if part)


def _is_parallel(old: str, new: str) -> bool:
    """Whether ``new`` can stand where ``old`` stood: ``blue``, ``dark green``, and not ``goes like the wind``."""
    first, second = old.split(), new.split()
    same_part = first[0].lower() == second[0].lower() and re.fullmatch(_PART, first[0], re.IGNORECASE) is not None
    return same_part or len(second) <= len(first) + 1
