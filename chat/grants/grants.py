"""Everything about access that is kept in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from chat.grants.credentials import Credential, Visit
from chat.grants.endings import Endings
from chat.grants.logins import LoginLimiter
from chat.grants.visits import Visits


@dataclass(frozen=True, slots=True)
class Grants:
    """What gives access, one of each kind."""

    logins: LoginLimiter
    visits: Visits
    endings: Endings

    async def confirm(self, credential: Credential) -> None:
        """Return if the credential still holds.

        Raises `AccessDenied`: it was taken back; `RunLogUnreachable`: Redis did not answer.
        """
        if isinstance(credential, Visit) and await self.visits.is_over(credential):
            raise credential.refusal()
