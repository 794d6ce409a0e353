"""Who is signed in."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from chat.accounts.accounts import find_account, is_sealed, seal_again
from chat.components import components
from chat.grants.credentials import Visit
from chat.models import Account


async def account_of_visit(visit: Visit) -> Account | None:
    """The account in which somebody has signed in for the visit, with its user; None for a visitor, without a query.

    If its password has changed since, or its user was deactivated, all of its visits end, and there is no account.
    Raises `RunLogUnreachable`: they could not be ended.
    """
    account = await sync_to_async(find_account)(visit.owner) if visit.signed_in else None
    if account is None or is_sealed(account):
        return account
    await components().grants.visits.end_all(account.owner)
    await sync_to_async(seal_again)(account)
    return None
