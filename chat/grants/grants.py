"""Everything about access that is kept in Redis."""

from __future__ import annotations

from dataclasses import dataclass

from chat.domain.exceptions import AccessDenied
from chat.grants.calls import CallLimiter
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
    calls: CallLimiter

    async def confirm(self, credential: Credential, origin: str | None = None) -> Access:
        """What the credential gives a page of ``origin`` (None: a program) access to, if it still holds.

        A ticket is used by it. Raises `AccessDenied`: it was taken back, or used before, or is not for pages of this
        origin; `TooManyPages`: the calls of its token are used up; `RunLogUnreachable`: Redis did not answer.
        """
        if isinstance(credential, Visit):
            if await self.visits.is_over(credential):
                raise credential.refusal()
            return Access()
        access = await self._access_of(credential)
        await self.calls.take(access.limits)
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
