"""Everything about access that is kept in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Credential, Ticket, Visit
from chat.grants.endings import Endings
from chat.grants.logins import LoginLimiter
from chat.grants.moves import Moves
from chat.grants.shares import Shares
from chat.grants.tickets import Tickets
from chat.grants.tokens import Tokens
from chat.grants.visits import Visits


@dataclass(frozen=True, slots=True)
class Grants:
    """What gives access, one of each kind."""

    logins: LoginLimiter
    visits: Visits
    tokens: Tokens
    tickets: Tickets
    endings: Endings
    shares: Shares
    moves: Moves

    async def confirm(self, credential: Credential) -> None:
        """Return if the credential still holds. A ticket is used by it.

        Raises `AccessDenied`: it was taken back, or used before; `RunLogUnreachable`: Redis did not answer.
        """
        if isinstance(credential, Visit):
            if await self.visits.is_over(credential):
                raise credential.refusal()
            return
        # A token issued by an earlier version has no id, and holds until it expires.
        if credential.token_id and not await self.tokens.holds(credential.token_id):
            raise credential.refusal()
        if isinstance(credential, Ticket) and not await self.tickets.use(credential.digest):
            raise AccessDenied("used_ticket")
