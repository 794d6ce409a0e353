"""``manage.py revoke_token``: revokes a bearer token."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.management.register import with_tokens


class Command(BaseCommand):
    help = "Revoke a bearer token, and close the websockets that were opened with it or with its tickets."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="the token's id, as list_tokens shows it")

    def handle(self, *args: Any, id: str, **options: Any) -> None:  # noqa: A002 - the argument's name
        if not with_tokens(lambda tokens: tokens.revoke(id)):
            raise CommandError("There is no token with this id. list_tokens shows those that are valid.")
        self.stderr.write(f"The token {id} is revoked.")
