"""``manage.py list_tokens``: lists the bearer tokens that are valid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from chat.grants.tokens import Tokens
from chat.management.register import with_tokens


class Command(BaseCommand):
    help = "List the bearer tokens that are valid, newest first: id, owner, days of issue and expiry, and name."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for record in with_tokens(Tokens.list):
            days = (datetime.fromtimestamp(at, UTC).date().isoformat() for at in (record.issued, record.expires))
            self.stdout.write("  ".join([record.id, record.owner, *days, record.name]).rstrip())
