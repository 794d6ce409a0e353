"""Everything about access that is kept in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from chat.grants.logins import LoginLimiter


@dataclass(frozen=True, slots=True)
class Grants:
    """What gives access, one of each kind."""

    logins: LoginLimiter
