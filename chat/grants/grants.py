"""Everything about access that is kept in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import owner_in
from chat.grants.credentials import Credential, Ticket, Token, Visit
from chat.grants.endings import Endings
from chat.grants.logins import LoginLimiter
from chat.grants.moves import Moves
from chat.grants.scopes import Access
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

    async def confirm(self, credential: Credential, origin: str | None = None) -> Access:
        """What the credential gives a page of ``origin`` (None: a program) access to, if it still holds.

        A ticket is used by it. Raises `AccessDenied`: it was taken back, or used before, or is not for pages of this
        origin; `RunLogUnreachable`: Redis did not answer.
        """
        if isinstance(credential, Visit):
            if await self.visits.is_over(credential):
                raise credential.refusal()
            return Access()
        access = await self._access_of(credential)
        if isinstance(credential, Ticket) and not await self.tickets.use(credential.digest):
            raise AccessDenied("used_ticket")
        access.check_origin(origin)
        return access

    async def _access_of(self, token: Token) -> Access:
        """A token issued by an earlier version has no id, and holds until it expires."""
        if not token.token_id:
            return Access()
        if (record := await self.tokens.find(token.token_id)) is None:
            raise token.refusal()
        return record.access

    async def owner_of_ticket(self, token: Token, wanted: str | None) -> str:
        """Whose sessions a ticket bought with ``token`` opens: the token's owner's, or those of ``wanted``.

        Raises `AccessDenied`: the token is not a service's, so it buys tickets for its own owner alone.
        """
        if wanted is None:
            return token.owner
        record = await self.tokens.find(token.token_id) if token.token_id else None
        if record is None or not record.is_service:
            raise AccessDenied("not_a_service", 4403)
        return owner_in(token.owner, wanted)
