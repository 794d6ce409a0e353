"""``manage.py issue_token``: prints a bearer token for another frontend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.domain.session_ids import OWNER_ID, new_owner_id
from chat.management.register import with_tokens
from chat.web.tokens import issue_token


class Command(BaseCommand):
    help = "Print a bearer token for the websocket API. It gives access to its owner's sessions until it expires."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", help="the owner whose sessions it opens (default: a new owner)")
        parser.add_argument("--days", type=int, default=30, help="the days until it expires (default: 30)")
        parser.add_argument("--name", default="", help="what it is for, as list_tokens shows it")

    def handle(self, *args: Any, owner: str | None, days: int, name: str, **options: Any) -> None:
        owner = new_owner_id() if owner is None else owner
        if not OWNER_ID.fullmatch(owner):
            raise CommandError("--owner must be 1 to 64 letters, digits, hyphens and underscores.")
        if not 1 <= days <= 36_500:
            raise CommandError("--days must be a number from 1 to 36500.")
        lifetime = timedelta(days=days)
        record = with_tokens(lambda tokens: tokens.add(owner, name, lifetime.total_seconds()))
        self.stderr.write(f"Token {record.id} for the owner {owner}, valid for {days} day{'s' * (days > 1)}:")
        self.stdout.write(issue_token(owner, lifetime, record.id))
