"""What a token may be used for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import owner_in
from chat.runs.limits import TokenLimits


class Scope(StrEnum):
    """A kind of use. The browser page, like a token without scopes, may do everything."""

    TURNS = "turns"  # send messages, follow and stop their answers
    READ = "read"  # read sessions and their memory
    WRITE = "write"  # change sessions and their memory
    ADMIN = "admin"  # delete sessions


ALL = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Access:
    """What a credential may do: its ``scopes``, on pages of which ``origins`` (empty: all).

    ``is_service``: it buys tickets for all owners of its tenant. ``limits`` are its own, beside its owner's.
    """

    scopes: frozenset[Scope] = ALL
    origins: frozenset[str] = frozenset()
    is_service: bool = False
    limits: TokenLimits | None = None

    def check(self, *scopes: Scope) -> None:
        """Raises `AccessDenied`: it has none of these scopes."""
        if not self.scopes & set(scopes):
            raise AccessDenied("scope", 4403, scope=" or ".join(scopes))

    def check_origin(self, origin: str | None) -> None:
        """Raises `AccessDenied`: a page of this origin may not use it. Programs, which have none, may."""
        if self.origins and origin is not None and origin not in self.origins:
            raise AccessDenied("token_origin", 4403)

    def owner_of_ticket(self, owner: str, wanted: str | None) -> str:
        """Whose sessions a ticket opens that the token of ``owner`` buys: the owner's, or those of ``wanted``.

        Raises `AccessDenied`: the token is not a service's, so it buys tickets for its own owner alone;
        `InvalidRequest`: ``wanted`` is malformed.
        """
        if wanted is None:
            return owner
        if not self.is_service:
            raise AccessDenied("not_a_service", 4403)
        return owner_in(owner, wanted)


def scopes_in(names: Iterable[str]) -> frozenset[Scope]:
    """The scopes with these names; all if there are no names. Raises `ValueError`: there is no such scope."""
    return frozenset(map(Scope, names)) or ALL
