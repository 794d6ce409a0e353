"""``manage.py issue_token``: prints a bearer token for another frontend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.domain.session_ids import OWNER_ID, TENANT_ID, new_owner_id
from chat.grants.scopes import Scope
from chat.grants.tokens import MOST_PER_MINUTE
from chat.management.register import check_signer, with_tokens
from chat.web.handshake import is_origin
from chat.web.tokens import issue_token


class Command(BaseCommand):
    help = "Print a bearer token for the websocket API. It gives access to its owner's sessions until it expires."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", help="the owner whose sessions it opens (default: a new owner)")
        parser.add_argument("--days", type=int, default=30, help="the days until it expires (default: 30)")
        parser.add_argument("--name", default="", help="what it is for, as list_tokens shows it")
        parser.add_argument(
            "--tenant", help="instead of --owner: the token of a service, which buys tickets for the tenant's owners"
        )
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            default=[],
            help="what it may be used for; can be repeated (default: everything)",
        )
        parser.add_argument(
            "--origin", action="append", default=[], help="whose pages may use it; can be repeated (default: all)"
        )
        for option, what in (
            ("--turns-per-minute", "turns that it may begin"),
            ("--calls-per-minute", "calls of the API"),
        ):
            about = f"the {what} in a minute, for whichever owner (default: 0, no limit but those of the site)"
            parser.add_argument(option, type=int, default=0, help=about)

    def handle(self, *args: Any, owner: str | None, tenant: str | None, days: int, name: str, **options: Any) -> None:
        if tenant is not None and (owner is not None or not TENANT_ID.fullmatch(tenant)):
            raise CommandError("--tenant must be 1 to 24 letters, digits and hyphens, and there is no --owner with it.")
        owner = tenant or (new_owner_id() if owner is None else owner)
        if not OWNER_ID.fullmatch(owner):
            raise CommandError("--owner must be 1 to 64 letters, digits, hyphens and underscores.")
        if wrong := [origin for origin in options["origin"] if not is_origin(origin)]:
            raise CommandError(f"--origin must be like https://app.example.org, without a path, not {wrong[0]!r}.")
        if not 1 <= days <= 36_500:
            raise CommandError("--days must be a number from 1 to 36500.")
        most = {name: options[name] for name in ("turns_per_minute", "calls_per_minute")}
        if wrong := [name for name, limit in most.items() if not 0 <= limit <= MOST_PER_MINUTE]:
            option = wrong[0].replace("_", "-")
            raise CommandError(f"--{option} must be a number from 0 (no limit) to {MOST_PER_MINUTE}.")
        check_signer()
        lifetime = timedelta(days=days)
        limits = {"scopes": options["scope"], "origins": options["origin"], "is_service": tenant is not None, **most}
        record = with_tokens(lambda tokens: tokens.add(owner, name, lifetime.total_seconds(), **limits))
        kind = "owner" if tenant is None else "tenant"
        self.stderr.write(f"Token {record.id} for the {kind} {owner}, valid for {days} day{'s' * (days > 1)}:")
        self.stdout.write(issue_token(owner, lifetime, record.id))
