"""What a token may be used for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chat.domain.exceptions import AccessDenied


class Scope(StrEnum):
    """A kind of use. The browser page, like a token without scopes, may do everything."""

    TURNS = "turns"  # send messages, follow and stop their answers
    READ = "read"  # read sessions and their memory
    WRITE = "write"  # change sessions and their memory
    ADMIN = "admin"  # delete sessions


ALL = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Access:
    """What a credential may do: its ``scopes``, on pages of which ``origins`` (empty: all)."""

    scopes: frozenset[Scope] = ALL
    origins: frozenset[str] = frozenset()

    def check(self, *scopes: Scope) -> None:
        """Raises `AccessDenied`: it has none of these scopes."""
        if not self.scopes & set(scopes):
            raise AccessDenied("scope", 4403, scope=" or ".join(scopes))

    def check_origin(self, origin: str | None) -> None:
        """Raises `AccessDenied`: a page of this origin may not use it. Programs, which have none, may."""
        if self.origins and origin is not None and origin not in self.origins:
            raise AccessDenied("token_origin", 4403)


def scopes_in(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes with these names; all if there are no names. Raises `ValueError`: there is no such scope."""
    return frozenset(map(Scope, names)) or ALL
