"""The answer to a prompt: what the prompt contains, or an admission of ignorance."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from openai_standin.facts import NAME, QUESTION, Fact, second_person
from openai_standin.prompts import Prompt
from openai_standin.sentences import Clause, clauses, is_about_memory
from openai_standin.showpieces import showpiece
from openai_standin.statements import statements
from openai_standin.vocabulary import content_words, plain_words

WHAT_I_AM = "I am a stand-in model: a small program without weights, which knows only what is said in this session."
UNKNOWN = "I do not know: you have not told me."
NOTHING_ASKED = f"I see no message to answer. {WHAT_I_AM}"
CANNOT = (
    "I cannot do that: I am a stand-in model without weights. I can recall what you tell me, count, "
    "think aloud, show Markdown with some code, and write a long answer."
)
_WHO_ARE_YOU = re.compile(
    r"(?i)\b(?:who|what) (?:are|is) you(?:r (?:name|model))?\b|\bwhat (?:can|do) you do\b|\bare you (?:an? )?"
    r"(?:ai|bot|chatbot|robot|human|real|person|gpt\w*|chatgpt|openai|claude|llm|model|program|machine)\b"
)
_HOW_ARE_YOU = re.compile(r"(?i)how are you|how is it going|are you (?:ok|okay|well|fine)")
_LAST_WORDS = re.compile(r"(?i)what (?:did|have) i (?:just|last) (?:say|said|ask|asked|write)")
_THANKS = re.compile(r"(?i)(?:many )?(?:thanks|thank you|cheers)\b")
_BYE = re.compile(r"(?i)(?:good)?bye\b|good night\b|see you\b")
_NOTED = ("Noted", "I will remember that", "Good to know", "Thank you, I keep that in mind")
_SMALL_TALK = ("I see.", "All right.", "Understood.", "Go on, I am listening.")
#: The most facts in an answer: if several fit equally well, and if the question is about everything.
EQUALS, EVERYTHING = 3, 12
#: Questions that share no word with their answer.
_ASKED_AS = ((r"\b(?:who am i|what am i called|call me)$", "name"), (r"\bwhat do i do(?: for a living)?\b", "work"))
#: In ``what colour is my car`` only the car matters.
_CATEGORY = re.compile(r"\b(?:what|which|how) (?:kind|city|town|country|place|colour|color|time|day|old|long|many)\b")
#: Words too general to identify a fact: ``what is my name`` must not return the dog's name.
_GENERAL = {"name", "favourit", "like", "old", "live", "work", "hate", "day"}


def answer(prompt: Prompt) -> str:
    """The answer to ``prompt``, always the same for the same prompt."""
    *_, before, asked = ["", "", *prompt.said]
    if not asked:
        return NOTHING_ASKED
    if shaped := showpiece(asked):
        return shaped
    if _LAST_WORDS.match(asked):
        return f"You wrote: “{before}”" if before else "This is your first message that I can see."
    said = clauses(asked)
    wanted = [one for one in said if one.asks] or [one for one in said if one.wants and is_about_memory(one.text)]
    return _to_question(wanted[-1].text, prompt.facts) if wanted else _to_statement(asked, said, prompt.facts)


def _to_question(wanted: str, facts: Sequence[Fact]) -> str:
    if _WHO_ARE_YOU.search(wanted):
        return WHAT_I_AM
    if _HOW_ARE_YOU.match(wanted):
        return "I am well, thank you. How are you?"
    known = [second_person(fact.sentence) for fact in recall(wanted, facts)]
    if len(known) > EQUALS:
        return f"About you, I know this: {_ended('; '.join(known))}"
    nothing = UNKNOWN if is_about_memory(wanted) else f"{UNKNOWN} {WHAT_I_AM}"
    return " ".join(_ended(sentence[:1].upper() + sentence[1:]) for sentence in known) or nothing


def recall(question: str, facts: Sequence[Fact]) -> list[Fact]:
    """The ``facts``, oldest first, that answer ``question``; of several about the same thing, the newest."""
    asked = " ".join(plain_words(question))
    for wording, meant in _ASKED_AS:
        asked = re.sub(wording, meant, asked)
    stated = [fact for fact in facts if fact.rank < QUESTION]
    wanted = set(content_words(_CATEGORY.sub("", asked)) or content_words(asked))
    if not wanted:
        everything = re.search(r"\b(?:know|remember|say|said|tell|told)\b", asked)
        return sorted(stated, key=lambda fact: fact.rank)[:EVERYTHING] if everything else []
    exact = [fact for fact in stated if fact.topic[1] == wanted]
    if exact or wanted <= _GENERAL:
        return exact[-1:]
    return [fact for fact in reversed(stated) if wanted <= fact.words][:EQUALS]


def _to_statement(asked: str, said: Sequence[Clause], facts: Sequence[Fact]) -> str:
    stated = [statement.fact for statement in statements(asked)]
    names = [fact.sentence.removeprefix("The human's name is ").rstrip(".") for fact in facts if fact.rank == NAME]
    name = f", {names[-1]}" if names else ""
    if said and said[0].greets:
        rest = [fact for fact in stated if fact.rank != NAME]
        met = ", nice to meet you" if len(rest) < len(stated) else ""
        return f"Hello{name}{met}! {WHAT_I_AM} {_noted(rest)}".rstrip()
    if _BYE.match(asked):
        return f"Goodbye{name}."
    if _THANKS.match(asked) and not stated:
        return f"You are welcome{name}."
    cannot = any(clause.wants for clause in said)
    return _noted(stated) or (CANNOT if cannot else _chosen(_SMALL_TALK, asked))


def _noted(stated: Sequence[Fact]) -> str:
    known = "; ".join(second_person(fact.sentence).removeprefix("you told me: ") for fact in stated)
    return f"{_chosen(_NOTED, known)}: {_ended(known)}" if stated else ""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", '"')) else f"{sentence}."


def _chosen(wordings: Sequence[str], said: str) -> str:
    """One of ``wordings``, always the same for the same text."""
    return wordings[zlib.crc32(said.encode()) % len(wordings)]
