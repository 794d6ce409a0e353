"""Durations in words."""

from __future__ import annotations

from math import ceil


def in_words(seconds: float | None) -> str:
    """``seconds``, rounded up, as in "Try again in 45 seconds"; None is a moment."""
    if seconds is None:
        return "a moment"
    if seconds <= 120:
        return _counted(seconds, "second")
    return _counted(seconds / 60, "minute") if seconds <= 2 * 3600 else _counted(seconds / 3600, "hour")


def _counted(count: float, unit: str) -> str:
    whole = max(1, ceil(count))
    return f"{whole:,} {unit}{'s' * (whole > 1)}"
