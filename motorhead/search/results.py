"""The shapes of a search's answer."""

from __future__ import annotations

from typing import Literal

import msgspec

#: The parts of a session that a search looks at.
Where = Literal["title", "summary", "message"]


class Found(msgspec.Struct):
    """A place that a search has found in a ``session``, last active at ``updated_at`` (ms).

    Only a message (``where``) has an ``id``, ``role`` and time (ms). ``excerpt``: the text around the first word;
    ``marks``: where in it the words are, from one character up to another.
    """

    session: str
    namespace: str | None
    title: str | None
    updated_at: int
    where: Where
    id: str | None
    role: str | None
    created_at: int | None
    excerpt: str
    marks: list[tuple[int, int]]


class SearchAnswer(msgspec.Struct):
    """The answer to GET search; ``cursor`` continues it, None: everything was searched."""

    results: list[Found]
    cursor: str | None
