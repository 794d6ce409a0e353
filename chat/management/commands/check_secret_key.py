"""``manage.py check_secret_key``: fails if the site has another secret key than before. Every start runs it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.grants.secret_keys import accept, fingerprint, is_known
from chat.management.secret_keys import accepted_file, with_link
from redis_link.link import Link

CHANGED = (
    "This site's Redis belongs to a site with another secret key: with this one, no cookie, token or login of before "
    "would hold. Set DJANGO_SECRET_KEY to the same key on all machines, and a former key in "
    "DJANGO_SECRET_KEY_FALLBACKS. Or, to end all visits, tokens and logins and go on with this key, run: "
    "manage.py accept_secret_key"
)


class Command(BaseCommand):
    help = "Check that the site has the secret key that its Redis knows, or tell it to a new Redis."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL and not with_link(settings.REDIS_URL, _is_right):
            raise CommandError(CHANGED)


async def _is_right(link: Link) -> bool:
    path, own = accepted_file(), fingerprint(settings.SECRET_KEY)
    if path.exists():  # otherwise nothing is written: the folder may be read-only
        if path.read_text().strip() == own:
            await accept(link, own)
        path.unlink(missing_ok=True)
    return await is_known(link, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS)
