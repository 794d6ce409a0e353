"""The model of the machines: its replies differ each time that it is asked, and its summaries keep every mark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tests.support.scripted_openai import Reply, Request

#: What marks a message of a person (h) and a reply (a), with the turn.
MARK = re.compile(r"\b[ah]:[\w-]+")
SENTENCE = "Behind the drums, where Bob put it after the rehearsal on Tuesday."


def marks_in(texts: Iterable[str]) -> list[str]:
    """All marks, in order."""
    return [mark for text in texts for mark in MARK.findall(text)]


class Scribe:
    """The model. ``asked`` counts its replies by turn, which have ``sentences``, and ``pace`` seconds a word."""

    def __init__(self, sentences: int = 2, pace: float = 0.05) -> None:
        self.asked: Counter[str] = Counter()
        self._sentences, self._pace = sentences, pace

    def __call__(self, request: Request) -> Reply:
        """A reply, or a summary."""
        if not request.stream:
            _, _, asked = request.text.partition("Current summary:\n")
            return Reply(" ".join(marks_in([asked])) or "Nothing was said.")
        turn = MARK.findall(request.text)[-1].removeprefix("h:")
        self.asked[turn] += 1
        text = " ".join([f"a:{turn} take {self.asked[turn]}.", *[SENTENCE] * self._sentences])
        return Reply(text, delay=0.1, pace=self._pace)
