"""Words and their plain forms: what lets a question find the statement that answers it."""

from __future__ import annotations

import re

from openai_standin.vocabulary import BROADER, EXPANSIONS, SAME, STOP_WORDS

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
TOKEN = re.compile(r"\s*\S{1,12}|\s+$")


def tokens(text: str) -> list[str]:
    """``text`` cut into the pieces that are streamed and counted; joined again it is the same."""
    return TOKEN.findall(text)


def plain_words(text: str) -> list[str]:
    """The words of ``text`` in lower case, contractions written out, possessives without their ending."""
    found = (word.lower().replace("’", "'") for word in WORD.findall(text))
    expanded = (part for word in found for part in EXPANSIONS.get(word, word).split())
    return [word.removesuffix("'s").replace("'", "") for word in expanded]


def content_words(text: str) -> list[str]:
    """The stems of those words of ``text`` that carry its meaning, in order."""
    return [stem(word) for word in plain_words(text) if word not in STOP_WORDS]


def answerable_words(text: str) -> set[str]:
    """The stems that a question may use to ask for the statement ``text``."""
    stems = set(content_words(text))
    return stems | {BROADER[word] for word in stems & BROADER.keys()}


def stem(word: str) -> str:
    """A crude stem, the same for the usual endings of one English word."""
    for ending, shortest in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4), ("e", 4)):
        if word.endswith(ending) and len(word) >= shortest and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    return SAME.get(word, word)
