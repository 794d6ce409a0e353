"""``manage.py accept_secret_key``: goes on with another secret key, which ends all visits, tokens and logins."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.components import redis_url
from chat.grants.secret_keys import accept, fingerprint
from chat.management.secret_keys import accepted_file, with_link

LATER = "It takes effect at the next start of the site."


class Command(BaseCommand):
    help = "Make the present secret key the one of the site. Visits, tokens and logins signed with another one end."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        own = fingerprint(settings.SECRET_KEY)
        if settings.REDIS_URL or _is_running():
            with_link(redis_url(), lambda link: accept(link, own))
            self.stdout.write("The site has this key now.")
        else:  # its own Valkey runs only while the site does, and the site does not start with this key
            accepted_file().write_text(own)
            self.stdout.write(LATER)


def _is_running() -> bool:
    """Whether the site runs a Valkey of its own. The record of a site that was killed is still there."""
    if not (settings.DATA / "serve.json").exists():
        return False
    with suppress(CommandError):
        with_link(redis_url(), lambda link: link.execute("PING"))
        return True
    return False
