"""Forgetting text: a socket is open for hours, and the web tier keeps nothing that was said.

Text stays in memory in unexpected places. Channels keeps the last message until the next one comes; a suspended
coroutine keeps its arguments and variables, so a loop keeps its last item while it waits for the next; the server
keeps a socket's scope, with cookies and tokens. These functions take the text out of all of these.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def take_text(message: dict[str, Any]) -> str | None:
    """The text of a frame, removed from Channels' ``message``; None for a binary frame."""
    message.pop("bytes", None)
    text: str | None = message.pop("text", None)
    return text


def forget_credentials(scope: dict[str, Any]) -> None:
    """Empty the handshake's headers and subprotocols, after the visitor has been identified."""
    scope["headers"].clear()
    scope["subprotocols"].clear()


class Once(Generic[T]):
    """Hands a value to a long-running task: `take` returns it and keeps no reference."""

    __slots__ = ("_values",)

    def __init__(self, value: T) -> None:
        self._values = [value]

    def take(self) -> T:
        """The value. Raises `IndexError`: it was taken before."""
        return self._values.pop()


async def for_each(source: AsyncGenerator[T], do: Callable[[T], Awaitable[None]]) -> None:
    """Await ``do`` with every item of ``source``, keeping none while waiting for the next. Closes ``source``."""
    async with aclosing(source):
        async for item in source:
            await do(item)
            del item
