"""``manage.py list_tokens``: lists the bearer tokens that are valid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from chat.grants.tokens import Tokens
from chat.management.register import with_tokens


class Command(BaseCommand):
    help = (
        "List the bearer tokens that are valid, newest first: id, owner (tenant_* for a service), days of issue and "
        "expiry, scopes, origins, turns and calls if they are limited, and name."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for record in with_tokens(Tokens.list):
            days = (datetime.fromtimestamp(at, UTC).date().isoformat() for at in (record.issued, record.expires))
            kind = f"{record.owner}_*" if record.is_service else record.owner
            limits = [",".join(names) for names in (record.scopes, record.origins) if names]
            most = ((record.turns_per_minute, "turns"), (record.calls_per_minute, "calls"))
            limits += [f"{limit} {what} a minute" for limit, what in most if limit]
            self.stdout.write("  ".join([record.id, kind, *days, *limits, record.name]).rstrip())
