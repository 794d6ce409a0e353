"""The answer to a prompt: from what the prompt holds, or an honest word that it holds none."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from openai_standin.facts import Fact
from openai_standin.grammar import SAID, second_person
from openai_standin.prompts import Prompt
from openai_standin.recall import recall
from openai_standin.sentences import clauses, is_question, is_request, question
from openai_standin.showpieces import showpiece
from openai_standin.statements import statements
from openai_standin.words import plain_words

WHAT_I_AM = "I am a stand-in model: a small program without weights, which knows only what is said in this session."
UNKNOWN = "I do not know: you have not told me."
NOTHING_ASKED = "I see no message to answer. " + WHAT_I_AM
CANNOT = (
    "I cannot do that: I am a stand-in model without weights. I can recall what you tell me, count, "
    "show Markdown, a list or some code, and write a long answer."
)

_IDENTITY = re.compile(
    r"\b(?:who|what) (?:are|is) you(?:r (?:name|model))?\b|\bare you (?:a |an |the |really |some )*"
    r"(?:ai|bot|chatbot|robot|human|real|person|gpt\w*|chatgpt|openai|claude|llm|model|program|machine|stand in)\b|"
    r"\bwhat (?:can|do) you do\b|\b(?:which|what) (?:\w+ )?model\b|\bintroduce yourself\b|\bhelp\b$"
)
_GREETING = re.compile(r"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))\b")
_THANKS = re.compile(r"(?:thanks|thank you|thx|cheers|many thanks)\b")
_BYE = re.compile(r"(?:bye|goodbye|good night|see you|see ya|farewell)\b")
_HOW_ARE_YOU = re.compile(r"(?:how are you|how is it going|how do you do|are you (?:ok|okay|well|fine))\b")
_MY_WORDS = re.compile(r"what (?:did|have) you (?:just )?(?:say|said|tell me|told me|answer)$")
_LAST_WORDS = re.compile(
    r"what (?:did|have) i (?:just|last) (?:say|said|ask|asked|tell you|told you|write)|"
    r"what was my last (?:message|question)"
)
_NOTED = ("Noted: {}.", "I will remember that: {}.", "Good to know: {}.", "Thank you, I keep that in mind: {}.")
_SMALL_TALK = ("I see.", "All right.", "Understood.", "Go on, I am listening.")


def answer(prompt: Prompt) -> str:
    """What the model says to ``prompt``; the same prompt always gets the same answer."""
    asked = prompt.asked.strip()
    if not asked:
        return NOTHING_ASKED
    shaped = showpiece(asked)
    if shaped is not None:
        return shaped
    wanted = question(asked) or _memory_request(asked)
    if wanted:
        return _to_question(wanted, prompt)
    return _to_statement(asked, prompt)


def _memory_request(text: str) -> str | None:
    """``Tell me my name`` asks as well as a question does."""
    requests = [clause for clause in clauses(text) if is_request(clause)]
    about_them = re.compile(r"\b(?:my|me about|i (?:said|told)|i|about me)\b", re.IGNORECASE)
    return next((clause for clause in reversed(requests) if about_them.search(clause)), None)


def _to_question(wanted: str, prompt: Prompt) -> str:
    plain = " ".join(plain_words(wanted))
    if _IDENTITY.search(plain):
        return WHAT_I_AM
    if _HOW_ARE_YOU.match(plain):
        return "I am well, thank you. How are you?"
    if _MY_WORDS.match(plain):
        return _quoted(prompt, "assistant", -1, "I said: {}", "I have not said anything yet.")
    if _LAST_WORDS.match(plain):
        return _quoted(prompt, "user", -2, "You wrote: {}", "This is your first message that I can see.")
    return _from_memory(wanted, plain, prompt)


def _quoted(prompt: Prompt, role: str, place: int, wording: str, none: str) -> str:
    spoken = [turn.text.strip() for turn in prompt.turns if turn.role == role]
    return wording.format(f"“{spoken[place]}”") if len(spoken) >= -place else none


def _from_memory(wanted: str, plain: str, prompt: Prompt) -> str:
    found = recall(wanted, prompt.facts)
    if found.facts and found.topic:
        about = "About you, I know this: " if found.topic == "me" else f"About {found.topic}: "
        return (about + "; ".join(map(_inside, found.facts)) + ".").replace('.".', '."')
    if found.facts:
        return " ".join(map(_sentence, found.facts))
    if found.near:
        return "I do not know exactly: you have not told me. But " + _inside(found.near[0]) + "."
    if re.search(r"\b(?:my|i|me|mine|we|our|for (?:dinner|lunch|breakfast|supper))\b", plain):
        return UNKNOWN
    return f"{UNKNOWN} {WHAT_I_AM}"


def _to_statement(said: str, prompt: Prompt) -> str:
    plain = " ".join(plain_words(said))
    told = [statement.fact for statement in statements(said)]
    name = _name(prompt.facts)
    if _GREETING.match(plain):
        return _greeting(name, told)
    if _BYE.match(plain):
        return f"Goodbye{name}."
    if told:
        return _acknowledged(told, said)
    if _THANKS.match(plain):
        return f"You are welcome{name}."
    if any(is_request(clause) and not is_question(clause) for clause in clauses(said)):
        return CANNOT
    return _chosen(_SMALL_TALK, said)


def _greeting(name: str, told: Sequence[Fact]) -> str:
    named = any(fact.key == "name" for fact in told)
    rest = [fact for fact in told if fact.key != "name"]
    noted = " " + _acknowledged(rest, "") if rest else ""
    return f"Hello{name}{', nice to meet you' if named else ''}! {WHAT_I_AM}{noted}"


def _acknowledged(told: Sequence[Fact], said: str) -> str:
    noted = "; ".join(_inside(fact, noted=True) for fact in told)
    return _chosen(_NOTED, said).format(noted).replace('.".', '."')


def _sentence(fact: Fact) -> str:
    text = _inside(fact)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", '"')) else ".")


def _inside(fact: Fact, *, noted: bool = False) -> str:
    """``fact`` as part of a sentence to the human."""
    text = second_person(fact.sentence)
    return text.removeprefix("you told me: ") if noted and fact.sentence.startswith(SAID) else text


def _name(facts: Sequence[Fact]) -> str:
    named = [fact.sentence for fact in facts if fact.key == "name"]
    return ", " + named[-1].removeprefix("The human's name is ").rstrip(".") if named else ""


def _chosen(wordings: Sequence[str], said: str) -> str:
    """One of ``wordings``, always the same for the same words."""
    return wordings[zlib.crc32(said.encode()) % len(wordings)]
