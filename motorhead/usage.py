"""The token usage that a model reports. It is only for accounting, so nonsensical figures count as 0."""

from __future__ import annotations

from dataclasses import dataclass

#: More than any model spends on one answer; higher figures are ignored.
MOST_TOKENS = 100_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of a prompt and of its completion."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt + other.prompt, self.completion + other.completion)

    @classmethod
    def reported(cls, usage: object) -> Usage:
        """The usage in the ``usage`` field of an answer."""
        return cls(spent(usage, "prompt_tokens"), spent(usage, "completion_tokens"))


#: The usage of an answer that reported none.
NO_USAGE = Usage()


def spent(usage: object, name: str) -> int:
    """The tokens under ``name`` in the ``usage`` field of an answer; 0 if that is not a sensible count."""
    figure = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(figure, float) and figure.is_integer():
        figure = int(figure)
    if isinstance(figure, bool) or not isinstance(figure, int):
        return 0
    return figure if 0 <= figure <= MOST_TOKENS else 0
