"""``manage.py invite``: prints the link of an invitation to sign up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urljoin

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from chat.accounts.invitations import DAYS, MOST_DAYS, invite
from chat.components import site_url


class Command(BaseCommand):
    help = "Print a link with which one person can sign up, on a site with CHAT_SIGN_UP=invitation."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"the days until it expires (default: {DAYS})")
        parser.add_argument("--note", default="", help="who it is for, as the admin shows it")

    def handle(self, *args: Any, days: int, note: str, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days must be a number from 1 to {MOST_DAYS}.")
        if len(note) > 200:
            raise CommandError("--note must have at most 200 characters.")
        invitation = invite(days, note)
        self.stderr.write(f"This link works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(link(site_url(), invitation.secret))


def link(site: str, secret: str) -> str:
    """The address at which somebody signs up with an invitation."""
    return urljoin(site, f"{reverse('chat:sign-up')}?{urlencode({'invitation': secret})}")
