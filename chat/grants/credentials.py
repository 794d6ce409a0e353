"""Credentials as they were read: signed by the site and not expired, but perhaps taken back since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chat.domain.exceptions import AccessDenied

#: What the ids of visits begin with whose owner belongs to an account.
SIGNED_IN = "~"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's visit. ``id`` is "" in cookies of earlier versions; ``since`` (s) is when its cookie was signed."""

    owner: str
    id: str
    since: float

    @property
    def signed_in(self) -> bool:
        """Whether somebody has signed in to an account for it."""
        return self.id.startswith(SIGNED_IN)

    @property
    def grants(self) -> tuple[str, ...]:
        """The names under which its end is announced."""
        return visit_grant(self.owner, self.id), owner_grant(self.owner)

    def refusal(self) -> AccessDenied:
        """Why it gives no access any more."""
        return AccessDenied("expired")


@dataclass(frozen=True, slots=True)
class Token:
    """A program's bearer token. ``token_id`` is "" for one issued by an earlier version."""

    owner: str
    token_id: str = ""

    @property
    def grants(self) -> tuple[str, ...]:
        """The names under which its end is announced."""
        return (token_grant(self.token_id),) if self.token_id else ()

    def refusal(self) -> AccessDenied:
        """Why it gives no access any more."""
        return AccessDenied("revoked_token")


@dataclass(frozen=True, slots=True)
class Ticket(Token):
    """A ticket issued for a token. ``digest`` tells it from others."""

    digest: str = ""


Credential: TypeAlias = Visit | Token | Ticket


def token_grant(token_id: str) -> str:
    """The name of a token."""
    return f"token:{token_id}"


def visit_grant(owner: str, visit_id: str) -> str:
    """The name of a visit."""
    return f"visit:{owner}:{visit_id}"


def owner_grant(owner: str) -> str:
    """The name of all visits of an owner."""
    return f"owner:{owner}"
