"""What a model says that an answer took. It is for the accounts alone, so a senseless figure counts for nothing."""

from __future__ import annotations

from dataclasses import dataclass

#: More tokens than one answer takes of any model: a higher figure is none.
MOST_TOKENS = 100_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of what a model was told, and of what it answered."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt + other.prompt, self.completion + other.completion)

    @classmethod
    def reported(cls, usage: object) -> Usage:
        """What the ``usage`` of an answer tells."""
        return cls(spent(usage, "prompt_tokens"), spent(usage, "completion_tokens"))


#: Of an answer that took nothing, or did not say what it took.
NO_USAGE = Usage()


def spent(usage: object, name: str) -> int:
    """The tokens that the ``usage`` of an answer gives under ``name``; 0 where that is no sensible count."""
    figure = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(figure, float) and figure.is_integer():
        figure = int(figure)
    if isinstance(figure, bool) or not isinstance(figure, int):
        return 0
    return figure if 0 <= figure <= MOST_TOKENS else 0
