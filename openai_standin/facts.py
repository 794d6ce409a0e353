"""Facts: sentences about the human, their wording, what each is about, and how much it matters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openai_standin.vocabulary import SINGLE, content_words, plain_words, stem

SAID = 'The human said: "'
ASKED = 'The human asked: "'

#: Verbs that can be put into the third person and back; sentences with other verbs are quoted.
_REGULAR = "live work like love hate prefer want need come speak play own eat drink keep"
_IRREGULAR = "am is, was was, have has, had had, do does, go goes, study studies, teach teaches"
_THIRD = {verb: f"{verb}s" for verb in _REGULAR.split()} | dict(pair.split() for pair in _IRREGULAR.split(", "))
_SECOND = {third: first for first, third in _THIRD.items()} | {"is": "are", "was": "were"}
_THEIRS = {"my": "their", "me": "them", "mine": "theirs", "myself": "themselves"}
_YOURS = {"their": "your", "them": "you", "theirs": "yours", "themselves": "yourself"}
#: A sentence with one of these words could not be turned back.
_OTHERS = re.compile(r"(?i)\b(?:they|them|theirs?|themselves|you|yours?|we|us|ours?|i|the (?:human|user|ai))\b|\"")

SMALL_TALK = "The human and the AI exchanged small talk."
#: The most facts that are kept; the least important is dropped first.
MOST_FACTS = 1_000
_SINGLE = frozenset(map(stem, SINGLE))
#: A statement about the first answers a question about the second.
_BROADER = dict.fromkeys(("dog", "cat", "hamster", "rabbit"), "pet")

_THING = re.compile(
    r"The human(?:'s (?!name is [a-z])| said: \"(?:The|Our) )(?P<thing>.{1,60}?) (?:is|are|will be) (?!not\b)"
    r"(?P<called>called |named )?"
)
_STATE = re.compile(r"The human (?:is \d+ years )?(old|(?:lives|works|is|comes) (?:in|at|near|as|for|from))\b")
_TASTE = re.compile(r"The human (?:does not )?((?:like|love|hate|prefer)s? .+)")
_HEALTH = re.compile(r"\b(?:allergic|allergy|vegetarian|vegan|diabetic|pregnant)\b")
#: Signs of more than small talk: something personal, a day, a name, or the number of a time, a place or an amount.
_TELLS = re.compile(
    r"\b(?i:i|me|my|we|us|our)\b|(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|(?<=[a-z,] )[A-Z]\w|"
    r"\b(?:is|are|has|have|at|on|in|by|from|since|after|before|for) (?:\w+ )?[€$£]?\d|\d[.:h]\d\d|\d ?[€$£%]"
)
#: Ranks, the most important first: a summary drops facts of the last rank first.
NAME, DETAIL, STATEMENT, REMARK, QUESTION = range(5)


@dataclass(frozen=True)
class Fact:
    """One sentence in the third person, with what its words imply.

    ``topic`` is what it is about: a kind (``thing``, ``taste`` or a state: ``lives in``) and the stems that name it
    (``dog name``, ``like tea``, ``live``); both may be empty. ``words`` are the stems that a question may use to ask
    for it, ``spoken`` all its words without case and punctuation. With ``has_one_value``, only the newest fact of the
    topic counts.
    """

    sentence: str
    topic: tuple[str, frozenset[str]]
    words: frozenset[str]
    spoken: str
    rank: int
    has_one_value: bool

    def replaces(self, old: Fact, *, correction: bool) -> bool:
        """Whether this fact makes ``old`` obsolete."""
        return self.spoken == old.spoken or (self._is_about(old) and (correction or self.has_one_value))

    def takes_back(self, old: Fact) -> bool:
        """Whether ``old`` states this fact, perhaps with more words, so that denying this removes it."""
        return self.spoken == old.spoken or (self._is_about(old) and self.words <= old.words)

    def amended(self, old: str, new: str) -> Fact | None:
        """This fact with ``new`` in place of ``old``, or None if it does not contain ``old``."""
        value = re.compile(rf"(?i)(?<!\w){re.escape(_in_sentence(old, self.sentence))}(?!\w)")
        changed = value.sub(lambda _: _in_sentence(new, self.sentence), self.sentence)
        return make_fact(changed) if changed != self.sentence and self.rank < QUESTION else None

    def _is_about(self, old: Fact) -> bool:
        return bool(self.topic[0]) and self.topic == old.topic


def make_fact(sentence: str) -> Fact:
    """The fact that ``sentence`` states."""
    kind, named = _about(sentence)
    topic = frozenset(content_words(named))
    stems = content_words(sentence)
    words = frozenset(stems) | {_BROADER[word] for word in stems if word in _BROADER}
    single = bool(_SINGLE & topic) or kind not in ("", "thing")
    rank = _rank(sentence, is_name=kind == "thing" and topic == {"name"}, is_detail=single)
    return Fact(sentence, (kind, topic), words, " ".join(plain_words(sentence)), rank, single)


def remember(facts: list[Fact], new: Fact, *, correction: bool = False) -> list[Fact]:
    """``facts`` without those that ``new`` repeats or replaces, and ``new`` at the end."""
    kept = [old for old in facts if not new.replaces(old, correction=correction)]
    if len(kept) >= MOST_FACTS:
        kept.remove(max(kept, key=lambda fact: fact.rank))
    return [*kept, new]


def third_person(clause: str) -> str:
    """``clause`` as a sentence about the human, or as a quotation if its grammar is too hard."""
    head, _, rest = clause.partition(" ")
    verb, _, more = rest.partition(" ")
    if not _OTHERS.search(rest):
        if head.lower() == "my" and more:
            return f"The human's {_turned(rest, _THEIRS)}."
        if head.lower() == "i" and more and verb.lower() in _THIRD:
            return f"The human {_THIRD[verb.lower()]} {_turned(more, _THEIRS)}."
    return quoted(SAID, f"{clause}.")


def second_person(sentence: str) -> str:
    """A sentence about the human, addressed to the human (without the full stop): ``you live in Lisbon``."""
    head, _, rest = sentence.removesuffix(".").removeprefix("The ").partition(" ")
    verb, _, more = rest.partition(" ")
    if sentence.startswith(SAID):
        return "you told me: " + sentence.removeprefix("The human said: ")
    if head == "human's":
        return f"your {_turned(rest, _YOURS)}"
    if head == "human" and verb in _SECOND:
        return f"you {_SECOND[verb]} {_turned(more, _YOURS)}"
    return f'I was told: "{sentence.removesuffix(".")}."'


def quoted(opening: str, words: str) -> str:
    """``words`` in quotation marks after ``opening``."""
    plain = _unframed(words)
    return f'{opening}{plain[:1].upper()}{plain[1:]}"'


def _in_sentence(words: str, sentence: str) -> str:
    """``words`` of the human in the wording of ``sentence``: unchanged in a quotation, otherwise about the human."""
    plain = _unframed(words)
    return plain if sentence.startswith(SAID) else _turned(plain, _THEIRS)


def _unframed(words: str) -> str:
    """``words`` without anything that looks like the start or the end of a sentence in a summary."""
    return re.sub(r"\bThe (?=(?:human|AI|user)\b)", "the ", words.replace('"', "'"))


def _turned(text: str, pronouns: dict[str, str]) -> str:
    return re.sub(rf"(?i)\b(?:{'|'.join(pronouns)})\b", lambda found: pronouns[found[0].lower()], text)


def _about(sentence: str) -> tuple[str, str]:
    """The kind of thing that ``sentence`` is about, and the words that name it."""
    if found := _THING.match(sentence):
        return "thing", f"{found['thing']} {'name' if found['called'] else ''}"
    if found := _STATE.match(sentence):
        return found[1], found[1]
    found = _TASTE.match(sentence)
    return ("taste", found[1]) if found else ("", "")


def _rank(sentence: str, *, is_name: bool, is_detail: bool) -> int:
    if sentence.startswith((ASKED, "The AI ")):
        return QUESTION
    if is_name:
        return NAME
    if is_detail or not sentence.startswith("The human ") or _HEALTH.search(sentence):
        return DETAIL
    saying = sentence.removeprefix(SAID)
    return STATEMENT if saying == sentence or _TELLS.search(saying) else REMARK
