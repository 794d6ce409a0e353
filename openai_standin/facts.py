"""Facts: sentences about the human, what each is about, which of them a newer one replaces, and which matter most."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from openai_standin.grammar import in_sentence
from openai_standin.ranks import IDENTITY_KEYS, Rank, rank_of
from openai_standin.vocabulary import SINGLE
from openai_standin.words import answerable_words, content_words, plain_words, stem

SMALL_TALK = "The human and the AI exchanged small talk."

#: What a sentence is about: sentences with one key speak of one thing.
_KEYS = (
    (re.compile(r"The human's name is (?![a-z])"), "name"),
    (re.compile(r"The human is \d{1,3} years old"), "age"),
    (re.compile(r"The human lives (?:in|at|near) "), "home"),
    (re.compile(r"The human (?:is|comes) from "), "origin"),
    (re.compile(r"The human works as "), "work"),
    (re.compile(r"The human works (?:at|for) "), "employer"),
    (re.compile(r"The human (?:just |recently )?moved to \D+$"), "home"),
    (re.compile(r"The human (?:does not |really |also )?(?:like|love|hate|enjoy|dislike|prefer)s? (.+)"), "taste"),
    (re.compile(r"The human's (.+?) (?:is|are) (?:called|named) "), "called"),
    (re.compile(r"The human's (.+?)(?:'s|s'|s) name is "), "called"),
    (re.compile(r"The human has an? (.+?) (?:called|named) "), "called"),
    (re.compile(r"The human's ((?:[\w'-]+ ){0,3}?[\w'-]+) (?:is|are|was|will be) (?!not\b)"), "of"),
)  # fmt: skip
_SINGLE = frozenset(map(stem, SINGLE))


@dataclass(frozen=True)
class Fact:
    """One sentence in the third person; everything else about it follows from its words."""

    sentence: str

    @cached_property
    def key(self) -> str | None:
        """What the sentence is about, or None: ``name``, ``taste:tea``, ``called:dog``, ``of:favourit colour``."""
        for pattern, kind in _KEYS:
            if found := pattern.match(self.sentence):
                return f"{kind}:{' '.join(content_words(found[1]))}" if found.groups() else kind
        return None

    @cached_property
    def rank(self) -> Rank:
        """How much it matters."""
        return rank_of(self.sentence, self.key)

    @cached_property
    def words(self) -> frozenset[str]:
        """The stems by which a question may ask for it."""
        return frozenset(answerable_words(self.sentence))

    @cached_property
    def spoken(self) -> str:
        """Its words without case and punctuation: two sentences that speak alike are one."""
        return " ".join(plain_words(self.sentence))

    @property
    def about_human(self) -> bool:
        """Whether the human stated it (a question, or the model's own words, is no such fact)."""
        return self.rank <= Rank.REMARK

    def replaces(self, old: Fact, *, correction: bool) -> bool:
        """Whether ``old`` is no longer to be kept once this was said."""
        if self.spoken == old.spoken:
            return True
        if self.key is None or self.key != old.key or "The human has a" in self.sentence:
            return False
        return correction or self._has_one_value or (_numbered(self.sentence) and _numbered(old.sentence))

    def takes_back(self, old: Fact) -> bool:
        """Whether ``old`` says this, perhaps with more words, so that it falls once this is denied."""
        return self.spoken == old.spoken or (self.key is not None and self.key == old.key and self.words <= old.words)

    def amended(self, old: str, new: str) -> Fact | None:
        """This with the value ``new`` for ``old``, or None where it does not hold ``old``."""
        value = re.compile(rf"(?<!\w){re.escape(in_sentence(old, self.sentence))}(?!\w)", re.IGNORECASE)
        if not (self.about_human and value.search(self.sentence)):
            return None
        return Fact(value.sub(lambda _: in_sentence(new, self.sentence), self.sentence))

    @property
    def _has_one_value(self) -> bool:
        kind, _, of = (self.key or "").partition(":")
        return kind in IDENTITY_KEYS | {"taste", "called"} or "favourit" in of or bool(_SINGLE & set(of.split()))


def remember(facts: Iterable[Fact], new: Fact, *, correction: bool = False) -> list[Fact]:
    """``facts`` with ``new`` at their end, without those that it repeats or replaces."""
    return [*(old for old in facts if not new.replaces(old, correction=correction)), new]


def _numbered(text: str) -> bool:
    return re.search(r"\d", text) is not None
