"""The statements in the human's messages, and their effect on earlier facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from time import thread_time

from openai_standin.facts import Fact, make_fact, remember, third_person
from openai_standin.sentences import Clause, clauses
from openai_standin.vocabulary import NO_NAMES, PLEASANTRIES, STOP_WORDS, content_words, stem

#: Seconds of processor time for reading what the human has said in one prompt. The rest of it is not read.
READING_TIME = 1.0

_TRAILING = re.compile(r"(?i)(?:[ ,](?:now|actually|by the way|btw|please|too|though)|[ .!,]|[:;=]-?[)(DP])+\Z")
_WORD = r"[^\W\d_][\w'’.-]*"
_NAMED = re.compile(
    r"(?i)(?:(?P<surely>my (?:full |first )?name(?: is|s)|(?:you can |please )?call me|I am (?:called|named))|I am) "
    rf"(?P<name>{_WORD}(?: (?!from\b|and\b|but\b){_WORD}){{0,3}})(?P<rest>(?:,| from| and| but) .+)?\Z"
)
#: Endings of words for what a person is, rather than of names.
_NO_NAME = ("ing", "ed", "ful", "less", "ous", "able", "ible", "ish", "ese", "arian")
_AGE = re.compile(r"(?i)\AI am (\d{1,3})(?: years?(?: old)?)?\Z")
_MOVED = re.compile(r"(?i)\AI (?:have |just )*moved to ([^\d,]+?)(?: (?:last|this|in|with|from|when) .*)?\Z")
_PLACE_OR_NAME = re.compile(
    r"(?i)(I (?:live in|am from|come from) |(?:my|I have an?) .{1,40}? (?:called|named|name is) )(?!an? |the )"
    r"(\w+(?: \w+)?)\Z"
)
_PLEASANTRIES = frozenset(map(stem, PLEASANTRIES))
_IT_IS = r"(?:it|they|he|she|that|this) (?:is|are|was|were)"
_BEING = r"(.{1,80}? (?:is|are|am|was|were))"
_NOT = r"not (?!(?:only|just|merely)\b)"
_TWO_WORDS = r"\S+(?: \S+)?"
#: Subject, the wrong value, and the right one: ``my car | is not red, it is | blue``.
_PUT_RIGHT = (
    re.compile(rf"(?i){_BEING} {_NOT}(.{{1,60}}?)[ ,:–—-]+(?:but )?(?:{_IT_IS}|its) (.+)"),
    re.compile(rf"(?i)(.{{1,80}}?)(?<! do)(?<! did) {_NOT}({_TWO_WORDS}?),? but ({_TWO_WORDS})\Z"),
    re.compile(rf"(?i){_BEING} {_NOT}(.+)()"),
)


@dataclass(frozen=True)
class Statement:
    """A fact as the human stated it; a ``correction`` replaces what was stated before.

    ``denied`` is the fact that the same clause denies. ``amends`` is an old and a new value, if the clause only refers
    to an earlier fact: ``it's not blue, it's green``.
    """

    fact: Fact
    correction: bool = False
    denied: Fact | None = None
    amends: tuple[str, str] | None = None


def statements(text: str) -> list[Statement]:
    """What the human states in ``text``, in order. Greetings, thanks, questions and requests are not statements."""
    return [one for clause in clauses(text) if not (clause.asks or clause.wants) for one in _statements(clause)]


class ReadingTime:
    """The time in which one prompt is read: ``seconds`` of ``now``, a clock."""

    def __init__(self, seconds: float = READING_TIME, now: Callable[[], float] = thread_time) -> None:
        self._now = now
        self._end = now() + seconds

    @property
    def is_over(self) -> bool:
        """Whether no more may be read."""
        return self._now() >= self._end


def fold_text(facts: list[Fact], text: str, time: ReadingTime) -> list[Fact]:
    """``facts`` updated with what the human states in ``text``, the newest last, as far as the ``time`` suffices."""
    return facts if time.is_over else fold_statements(facts, statements(text), time)


def fold_statements(facts: list[Fact], stated: Iterable[Statement], time: ReadingTime) -> list[Fact]:
    """``facts`` updated with the later statements ``stated``, likewise."""
    for statement in stated:
        if time.is_over:
            break
        fact = statement.fact
        if statement.denied:
            facts = [old for old in facts if not statement.denied.takes_back(old)]
        if statement.amends:
            changed = ((old, old.amended(*statement.amends)) for old in reversed(facts))
            old, fact = next(((old, new) for old, new in changed if new), (fact, fact))
            facts = [kept for kept in facts if kept is not old]
        facts = remember(facts, fact, correction=statement.correction)
    return facts


def _statements(clause: Clause) -> list[Statement]:
    said = _TRAILING.sub("", clause.text)
    whole = f"it is {said}" if said.lower().startswith("not ") else said
    put_right = next((found for pattern in _PUT_RIGHT if (found := pattern.match(whole))), None)
    if put_right is None:
        return _stated(said, clause)
    subject, old, new = put_right.groups()
    if re.fullmatch(rf"(?i){_IT_IS}", subject):
        return [Statement(_fact(said), amends=(old, new))] if new else _stated(said, clause)
    denied = next((statement.fact for statement in _stated(f"{subject} {old}", clause)), None)
    return [replace(one, denied=denied) for one in _stated(f"{subject} {new}" if new else said, clause)]


def _stated(said: str, clause: Clause) -> list[Statement]:
    """The human's name and anything stated with it, or the one fact in ``said``, unless it is small talk."""
    found = _NAMED.match(said)
    name = _name_in(found, greeted=clause.greets) if found else ""
    if found and name:
        rest = re.sub(r"^(?:,|and|but) ", "", (found["rest"] or "").strip())
        beside = _stated(f"I am {rest}" if rest.startswith("from ") else rest, clause)
        return [Statement(make_fact(f"The human's name is {name}."), clause.corrects), *beside]
    return [] if _says_little(said) else [Statement(_fact(said), clause.corrects)]


def _name_in(found: re.Match[str], *, greeted: bool) -> str:
    """The name in the match, or "": ``bob`` is Bob, ``tired`` is not a name, ``hi im bob smith`` has two words."""
    words = found["name"].split()
    is_name = (word.lower() not in NO_NAMES and (word.istitle() or word.lower() not in STOP_WORDS) for word in words)
    name = words[: [*is_name, False].index(False)]
    sure = found["surely"] or not any(map(str.islower, name))
    if not sure and (name != words or len(name) > 1 + greeted or name[0].endswith(_NO_NAME)):
        return ""
    return _capitalised(" ".join(name))


def _fact(said: str) -> Fact:
    """``said`` as a fact, in the standard wording that makes it possible to find and replace it."""
    said = _MOVED.sub(r"I live in \1", _AGE.sub(r"I am \1 years old", said))
    return make_fact(third_person(_PLACE_OR_NAME.sub(lambda found: found[1] + _capitalised(found[2]), said)))


def _capitalised(name: str) -> str:
    """``bob smith`` → ``Bob Smith``; a name with capitals stays as written."""
    return name.title() if name.islower() and "'" not in name else name[:1].upper() + name[1:]


def _says_little(said: str) -> bool:
    """Whether it is small talk: without a number, and with hardly any word that carries meaning."""
    own = re.match(r"(?i)(?:i|my) \S+ ", said)
    return not any(map(str.isdigit, said)) and len({*content_words(said)} - _PLEASANTRIES) < (1 if own else 2)
