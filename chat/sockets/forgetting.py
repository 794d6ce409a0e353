"""Letting go of text: a socket is open for hours, and the web tier keeps no conversation.

Text stays in memory where nobody thinks of it. Channels keeps the last message until the next one comes; a suspended
coroutine keeps its arguments and variables, so a loop keeps its last item while it waits for another; whatever serves
a socket keeps its scope, with cookies and tokens. What is here takes the text out of all of these.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def take_text(message: dict[str, Any]) -> str | None:
    """The text of a frame, taken out of Channels' ``message``; None for a binary frame."""
    message.pop("bytes", None)
    text: str | None = message.pop("text", None)
    return text


def forget_credentials(scope: dict[str, Any]) -> None:
    """Empty the handshake's headers and subprotocols, when they have said who it is."""
    scope["headers"].clear()
    scope["subprotocols"].clear()


class Once(Generic[T]):
    """Carries a value to a task that goes on when it has used the value: `take` gives it, and keeps nothing."""

    __slots__ = ("_values",)

    def __init__(self, value: T) -> None:
        self._values = [value]

    def take(self) -> T:
        """The value. Raises `IndexError` when it was taken before."""
        return self._values.pop()


async def for_each(source: AsyncGenerator[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Await ``do`` with every item of ``source``, and keep none while the next is awaited. Closes ``source``."""
    async with aclosing(source):
        async for item in source:
            await do(item)
            del item
