"""Who asks for what is being done: where people wait for each other, they take turns by it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asker:
    """All clients of a ``network`` without a cookie are one ``visitor``, and so are all whose network is not known.

    ``network`` is that of `chat.web.addresses.client_network`, or the visitor where it is not known.
    """

    visitor: str
    network: str


_NOBODY = Asker("", "")
_asker = ContextVar("asker", default=_NOBODY)


def name_asker(owner: str | None, network: str | None) -> None:
    """Say who asks, for the rest of this context. ``owner``: None without a valid cookie."""
    visitor = owner or network or ""
    _asker.set(Asker(visitor, network or visitor))


def asker() -> Asker:
    """Who asks, in this context."""
    return _asker.get()
