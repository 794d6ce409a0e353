"""From the first person to the third and back: ``I live in Lisbon`` ↔ ``The human lives in Lisbon.``"""

from __future__ import annotations

import re
from collections.abc import Callable

from openai_standin.vocabulary import ADVERBS, PRESENT_IN_ED, UNBENT

SAID = 'The human said: "'
ASKED = 'The human asked: "'
AI_SAID = 'The AI said: "'

#: With one of these in it a sentence cannot be turned and turned back; it is quoted instead.
_NOT_TURNABLE = re.compile(
    r"\b(they|them|their|theirs|themselves|you|your|yours|we|us|our|ours|the human|the ai)\b|\"", re.IGNORECASE
)
_BE = {"am": "is", "was": "was", "have": "has", "do": "does", "go": "goes"}
_BE_BACK = {"is": "are", "was": "were", "has": "have", "does": "do", "goes": "go"}
_INNER = {"my": "their", "me": "them", "mine": "theirs", "myself": "themselves", "i": "they", "i'm": "they are"}
_INNER_BACK = {"their": "your", "them": "you", "theirs": "yours", "themselves": "yourself", "they": "you"}
_CONTRACTIONS = (
    (r"\bi['’]?m\b", "I am"), (r"\bi['’]?ve\b", "I have"), (r"\bi['’]ll\b", "I will"), (r"\bi['’]d\b", "I would"),
    (r"\bi (?:don['’]?t|do not)\b", "I do not"), (r"\bi haven['’]?t\b", "I have not"),
    (r"\bi can['’]?t\b", "I can not"), (r"\bi won['’]?t\b", "I will not"), (r"\bi didn['’]?t\b", "I did not"),
)  # fmt: skip


def written_out(clause: str) -> str:
    """``clause`` with the contractions of the first person written out: ``im bob`` → ``I am bob``."""
    for short, full in _CONTRACTIONS:
        clause = re.sub(short, full, clause, flags=re.IGNORECASE)
    return clause


def third_person(clause: str) -> str:
    """What the human said, as a sentence about the human; quoted where its grammar is too hard to turn."""
    clause = clause.strip().rstrip(".!;, ")
    head, _, rest = clause.partition(" ")
    if rest and not _NOT_TURNABLE.search(clause):
        if head.lower() == "my":
            return f"The human's {_turned(rest, _INNER)}."
        if head.lower() == "i" and (turned := _conjugated(rest, _third, _INNER)):
            return f"The human {turned}."
    return quoted(SAID, clause, ".")


def quoted(opening: str, words: str, end: str) -> str:
    """``words`` in quotation marks after ``opening``, so that they cannot be taken for sentences of a summary."""
    plain = _without_frames(words)
    return f'{opening}{plain[:1].upper()}{plain[1:]}{end}"'


def in_sentence(words: str, sentence: str) -> str:
    """``words`` of the human as they read inside ``sentence``: as said in a quotation, else about the human."""
    plain = _without_frames(words)
    return plain if sentence.startswith(SAID) else _turned(plain, _INNER)


def _without_frames(words: str) -> str:
    """``words`` without what could be taken for the beginning, or the end, of a sentence of a summary."""
    return re.sub(r"\b(?:The human|The AI|The user)\b", lambda found: found[0].lower(), words.replace('"', "'"))


def second_person(sentence: str) -> str:
    """A sentence about the human, said to the human (without the full stop): ``you live in Lisbon``."""
    if sentence.startswith(SAID):
        return "you told me: " + sentence.removeprefix("The human said: ")
    sentence = sentence.rstrip(".")
    if sentence.startswith("The human's "):
        return "your " + _turned(sentence.removeprefix("The human's "), _INNER_BACK)
    if sentence.startswith("The human "):
        rest = sentence.removeprefix("The human ")
        return "you " + (_conjugated(rest, _second, _INNER_BACK) or rest)
    return f'I was told: "{sentence}."'


def _conjugated(text: str, form: Callable[[str], str], inner: dict[str, str]) -> str | None:
    """``text`` with its verb, which adverbs may precede, in another person; None when it begins with no verb."""
    words = text.split(" ")
    place = next((i for i, word in enumerate(words) if word.lower() not in ADVERBS), len(words))
    if place == len(words) or not re.fullmatch(r"[A-Za-z]+", words[place].rstrip(",")):
        return None
    words[place] = form(words[place].lower()) if words[place].isalpha() else words[place]
    done, rest = words[: place + 1], " ".join(words[place + 1 :])
    return " ".join([*done, _turned(rest, inner)]).strip()


def _third(verb: str) -> str:
    if verb in _BE:
        return _BE[verb]
    if verb in UNBENT or (verb.endswith("ed") and verb not in PRESENT_IN_ED):
        return verb
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def _second(verb: str) -> str:
    if verb in _BE_BACK:
        return _BE_BACK[verb]
    if verb in UNBENT or not verb.endswith("s") or verb.endswith("ss"):
        return verb
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    return verb[:-2] if re.search(r"(?:ss|x|zz|ch|sh|o)es$", verb) else verb[:-1]


def _turned(text: str, inner: dict[str, str]) -> str:
    words = "|".join(sorted(map(re.escape, inner), key=len, reverse=True))
    turned = re.sub(rf"\b(?:{words})\b", lambda found: inner[found[0].lower()], text, flags=re.IGNORECASE)
    return turned.replace("they am ", "they are ").replace("they was ", "they were ")
