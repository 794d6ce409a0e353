"""What a model says that an answer took. It is for the accounts alone, so a senseless figure counts for nothing."""

from __future__ import annotations

#: More tokens than one answer takes of any model: a higher figure is none.
MOST_TOKENS = 100_000_000


def spent(usage: object, name: str) -> int:
    """The tokens that the ``usage`` of an answer gives under ``name``; 0 where that is no sensible count."""
    figure = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(figure, float) and figure.is_integer():
        figure = int(figure)
    if isinstance(figure, bool) or not isinstance(figure, int):
        return 0
    return figure if 0 <= figure <= MOST_TOKENS else 0
