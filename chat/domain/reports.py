"""What is known of a turn that has ended, apart from its text."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.runs import Turn

OUTCOMES = ("answered", "cut", "stopped", "failed")


@dataclass(frozen=True, slots=True)
class TurnReport:
    """How a ``turn`` went, in its ``generation``, of which the ``model`` was asked ``attempts`` times.

    ``outcome`` is one of `OUTCOMES`, and ``code`` that of the error if it failed. ``cut`` is what cut the reply short,
    "length" or "content_filter"; ``missed`` is the code of the error with which the append failed. Tokens are
    estimates.

    ``begun``: the time, in seconds since 1970. The others are seconds from there until the memory was loaded, the model
    was asked (the last time), the reply's first word came, its last, and the end; None for what did not happen.
    """

    turn: Turn
    model: str
    generation: int
    attempts: int
    outcome: str
    code: str
    remembered: bool
    prompt_tokens: int
    reply_tokens: int
    begun: float
    loaded: float | None
    asked: float | None
    first: float | None
    whole: float | None
    ended: float
    cut: str = ""
    missed: str = ""
