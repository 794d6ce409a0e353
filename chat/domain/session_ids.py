"""Session ids. A session's name in the memory includes its owner: ``<owner>.<id>``."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from chat.domain.exceptions import InvalidRequest, InvalidSession

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
OWNER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Without an underscore, which parts it from its owners' names.
TENANT_ID = re.compile(r"[A-Za-z0-9-]{1,24}")


@dataclass(frozen=True, slots=True)
class Session:
    """A session by its name in the memory. ``namespace`` is its owner's; None for a session begun elsewhere."""

    memory_id: str
    namespace: str | None = None

    @property
    def id(self) -> str:
        """The part that the owner chose, or the whole memory id if there is no owner in it."""
        return self.memory_id.split(".", 1)[1] if self.namespace else self.memory_id

    @property
    def owner(self) -> str | None:
        """The owner's id, or None for a session begun elsewhere."""
        return self.memory_id.split(".", 1)[0] if self.namespace else None


def owned_session(owner: str, session_id: str) -> Session:
    """The owner's session ``session_id``. Raises `InvalidSession`: the id is malformed."""
    if not SESSION_ID.fullmatch(session_id):
        raise InvalidSession
    return Session(f"{owner}.{session_id}", namespace_of(owner))


def any_session(memory_id: str) -> Session:
    """The session with this memory id, whatever its owner: for staff. Our own ids keep their namespace."""
    owner, dot, session_id = memory_id.partition(".")
    if dot and OWNER_ID.fullmatch(owner) and SESSION_ID.fullmatch(session_id):
        return Session(memory_id, namespace_of(owner))
    return Session(memory_id)


def namespace_of(owner: str) -> str:
    """The namespace of an owner's sessions in the memory."""
    return f"chat.{owner}"


def owner_in(tenant: str, owner: str) -> str:
    """The id of a tenant's owner. Raises `InvalidRequest`: it would be malformed."""
    named = f"{tenant}_{owner}"
    if not owner or not OWNER_ID.fullmatch(named):
        raise InvalidRequest("owner", limit=63 - len(tenant))
    return named


def new_session_id() -> str:
    """A new random session id."""
    return secrets.token_urlsafe(12)


def new_owner_id() -> str:
    """A new random owner id. It has no underscore, so it cannot be that of a tenant's owner."""
    return secrets.token_urlsafe(12).replace("_", "-")
