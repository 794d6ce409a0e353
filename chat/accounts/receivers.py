"""Ends the visits of an account when its user's password changes or is deactivated, and when the account is deleted.

These may happen anywhere: on the page, in the admin, or by a command beside the site.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from chat.accounts.accounts import is_sealed, seal_again
from chat.domain.exceptions import RunLogUnreachable
from chat.models import Account

logger = logging.getLogger(__name__)


@receiver(post_save, sender=User)
def _password_changed(instance: User, *, created: bool, raw: bool = False, **_: Any) -> None:
    if created or raw:
        return
    account = Account.objects.select_related("user").filter(user=instance).first()
    if account is not None and not is_sealed(account):
        transaction.on_commit(partial(_end_and_seal, account))


@receiver(post_delete, sender=Account)
def _account_deleted(instance: Account, **_: Any) -> None:
    transaction.on_commit(partial(_end_visits, instance.owner))


def _end_and_seal(account: Account) -> None:
    if _end_visits(account.owner):  # otherwise the next page of one of them tries again
        seal_again(account)


def _end_visits(owner: str) -> bool:
    try:
        async_to_sync(_end_all)(owner)
    except RunLogUnreachable:
        logger.warning("The visits of an account could not be ended: Redis did not answer.")
        return False
    return True


async def _end_all(owner: str) -> None:
    # Not at the top: it loads the clients of the model and the memory, for which the task before a start would wait.
    from chat.components import components

    await components().grants.visits.end_all(owner)
