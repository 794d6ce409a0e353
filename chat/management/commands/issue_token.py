"""``manage.py issue_token``: a bearer token for a frontend of one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.domain.session_ids import OWNER_ID, new_owner_id
from chat.web.tokens import issue_token


class Command(BaseCommand):
    help = "Print a bearer token for the websocket API. Who holds it speaks for its owner until it expires."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", help="whose sessions it opens (a new owner when left out)")
        parser.add_argument("--days", type=int, default=30, help="how long it is good for (30)")

    def handle(self, *args: Any, owner: str | None, days: int, **options: Any) -> None:
        owner = new_owner_id() if owner is None else owner
        if not OWNER_ID.fullmatch(owner):
            raise CommandError("--owner takes 1 to 64 letters, digits, hyphens and underscores.")
        if not 1 <= days <= 36_500:
            raise CommandError("--days takes a number of days from 1 to 36500.")
        self.stderr.write(f"A token for the owner {owner}, good for {days} days:")
        self.stdout.write(issue_token(owner, timedelta(days=days)))
