"""Which facts answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openai_standin.facts import Fact
from openai_standin.vocabulary import CATEGORIES, MEASURES
from openai_standin.words import content_words, plain_words, stem

#: So many facts are named at most where several answer equally well, and where everything about a topic is wanted.
EQUALS = 3
EVERYTHING = 12

_ASK = re.compile(
    r"^(?:so |and |but |please |hey |do you |can you |could you |would you |still |even |remember |know |tell me |"
    r"remind me |say |again |i forgot |i wonder |if you |you )*"
)
_LIVE = r"live|living|stay|staying|reside"
_ASPECTS = (
    (
        r"(?:what (?:is|was) )?my (?:full |first |last |real )?name$|who am i$|what am i called|"
        r"what (?:do|should) you call me",
        r"The human's name is (?![a-z])",
    ),
    (r"how old am i|(?:what is )?my age$", r"The human is \d+ years old"),
    (
        rf"where (?:do|am|did) i (?:{_LIVE})|(?:which|what) (?:city|town|country|place) (?:do|am) i (?:{_LIVE})|"
        r"where is my home",
        r"The human (?:lives|moved (?!from\b(?!.* to )))|The human's (?:home|city|town|address)",
    ),
    (r"where (?:am|do) i (?:come )?from", r"The human (?:is|comes|came) from"),
    (
        r"what do i do(?: for (?:a living|work))?$|what is my (?:job|profession|occupation|work)$|what do i work",
        r"The human (?:works|worked|is an? )|The human's (?:job|profession|occupation)",
    ),
    (r"where do i work|who do i work for|which company", r"The human works .*\b(?:at|for|in)\b|The human's employer"),
)
_ALL = re.compile(
    r"what (?:do|did|can|have) (?:you|i) (?:already )?(?:know|remember|learn|learned|say|said|tell|told|recall)"
    r"(?: to)?(?: you)?(?: (?:about|of) (?:me|myself|us))?(?: so far)?$|what am i to you|"
    r"(?:tell me )?(?:everything|all) (?:you know |you remember |i (?:said|told you) )?(?:about me)?$|"
    r"summari[sz]e (?:what|everything) (?:i|you) .*"
)
_TOPIC = re.compile(
    r"(?:what|anything|something|did|have|everything|all).*?"
    r"\b(?:say|said|tell|told|mention|mentioned|know|remember|talk|talked)\b.*?"
    r"\b(?:about|of|regarding|on) (?P<topic>.+)"
)
_WRITTEN_TOPIC = re.compile(r".*?\b(?:about|of|regarding|on)\s+(.+?)[\s?.!]*$", re.IGNORECASE | re.DOTALL)
_CATEGORY = re.compile(r"\b(what|which|how) (\w+)\b")


@dataclass(frozen=True)
class Recall:
    """What was found: ``facts`` that answer, or else ``near`` ones that speak of the same without saying it.

    ``topic`` is set when everything about something was asked for (``me`` for the human themselves).
    """

    facts: Sequence[Fact] = ()
    near: Sequence[Fact] = field(default=())
    topic: str | None = None


def recall(question: str, facts: Sequence[Fact]) -> Recall:
    """What ``facts``, oldest first, say to ``question``; where they contradict each other the newest counts."""
    asked = _ASK.sub("", " ".join(plain_words(question)), count=1).strip()
    told = [fact for fact in facts if fact.about_human]
    if _ALL.match(asked):
        return Recall(_most_telling(told), topic="me")
    for wording, meant in _ASPECTS:
        if re.match(wording, asked):
            return Recall([fact for fact in told if re.match(meant, fact.sentence)][-1:])
    if topic := _TOPIC.match(asked):
        return _about(topic["topic"], question, told)
    return _answering(asked, told)


def is_about_memory(question: str) -> bool:
    """Whether ``question`` asks only for what the human has told (so that it is not worth being remembered)."""
    asked = re.sub(r"\b(?:can you |could you )?(?:tell|show|give|explain to) me\b", "", " ".join(plain_words(question)))
    return re.search(r"\b(?:my|i|me|mine|remember|you|your)\b", asked) is not None or asked.startswith("what is for ")


def _most_telling(facts: Sequence[Fact]) -> list[Fact]:
    """The first of ``facts`` by rank, in the order in which they were told."""
    best = sorted(range(len(facts)), key=lambda place: (facts[place].rank, -place))[:EVERYTHING]
    return [facts[place] for place in sorted(best)]


def _about(topic: str, question: str, told: Sequence[Fact]) -> Recall:
    wanted = set(content_words(topic))
    every = [fact for fact in told if wanted and wanted <= fact.words]
    some = [fact for fact in told if wanted & fact.words]
    written = _WRITTEN_TOPIC.match(question)
    named = re.sub(r"\bmy\b", "your", written[1] if written else topic, flags=re.IGNORECASE)
    return Recall(_most_telling(every or some), topic=named)


def _answering(asked: str, told: Sequence[Fact]) -> Recall:
    wanted = _wanted_words(asked)
    if not wanted:
        return Recall()
    full = [fact for fact in told if wanted <= fact.words]
    if full:
        return Recall(_best(full, asked))
    near = [fact for fact in told if len(wanted & fact.words) * 2 >= len(wanted) and (wanted & fact.words) - _COMMON]
    most = max((len(wanted & fact.words) for fact in near), default=0)
    return Recall(near=[fact for fact in near if len(wanted & fact.words) == most][-1:])


#: Words too general to make a fact worth mentioning when the rest of the question finds nothing.
_COMMON = frozenset({"name", "favourit", "like", "old", "live", "work", "hate", "day", "good"})


def _wanted_words(asked: str) -> set[str]:
    """The stems that an answer must hold: ``what colour is my car`` wants only the car."""
    wanted = content_words(asked)
    for word, category in _CATEGORY.findall(asked):
        if category in (MEASURES if word == "how" else CATEGORIES):
            wanted = [other for other in wanted if other != stem(category)] or wanted
    return set(wanted)


def _best(facts: Sequence[Fact], asked: str) -> list[Fact]:
    """Those of ``facts`` that fit best, the newest first; one alone where it can have but one value."""
    subject = "The human's " if re.search(r"\bmy\b", asked) else "The human "

    def fit(fact: Fact) -> tuple[bool, bool]:
        ours = fact.sentence.startswith(subject) and not fact.sentence.startswith("The human said")
        return ours, fact.key is not None

    most = max(map(fit, facts))
    best = [fact for fact in reversed(facts) if fit(fact) == most]
    newest = best[0]
    return [newest, *(fact for fact in best[1:] if not newest.replaces(fact, correction=False))][:EQUALS]
