"""The paths of the API: programs ask there, which speak English and get no cookies."""

from __future__ import annotations

from django.urls import reverse

#: The first segments of these paths. OpenAI's client libraries choose the second.
SEGMENTS = ("api/", "v1/")


def program_paths() -> tuple[str, ...]:
    """The beginnings of these paths."""
    home = reverse("chat:home")
    return tuple(home + segment for segment in SEGMENTS)


def is_for_programs(path: str) -> bool:
    """Whether ``path`` is one of the API's."""
    return path.startswith(program_paths())
