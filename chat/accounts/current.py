"""Who is signed in."""

from __future__ import annotations

from chat.accounts.accounts import find_account, is_sealed, seal_again
from chat.accounts.outages import in_database
from chat.components import components
from chat.grants.credentials import Visit
from chat.models import Account


async def account_of_visit(visit: Visit) -> Account | None:
    """The account in which somebody has signed in for the visit, with its user; None for a visitor, without a query.

    If its password has changed since, or its user was deactivated, all of its visits end, and there is no account.
    Raises `AccountsUnreachable`; `RunLogUnreachable`: they could not be ended.
    """
    account = await in_database(find_account, visit.owner) if visit.signed_in else None
    if account is None or is_sealed(account):
        return account
    await components().grants.visits.end_all(account.owner)
    await in_database(seal_again, account)
    return None
