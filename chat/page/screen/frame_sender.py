"""Sends frames to an open page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from chat.page import fragments


class FrameSender:
    """Packs swaps and facts into frames and passes each to ``send``."""

    __slots__ = ("_send",)

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send

    async def put(self, swaps: Sequence[str], facts: Mapping[str, str] | None = None) -> None:
        """Send ``swaps`` and ``facts``, if there are any, in as few frames as possible."""
        if swaps or facts:
            for frame in fragments.frames(swaps, facts):
                await self._send(frame)
