"""``manage.py check_store``: fails if the site's Redis cannot keep what it is given. Every start runs it."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.management.secret_keys import with_link
from redis_link.fitness import check_store

logger = logging.getLogger(__name__)

#: A key like those of runs, on which the rights of the user of Redis are tried.
NEVER_USED = "chat:run:{}:rights"


class Command(BaseCommand):
    help = "Check that the site's Redis loses nothing that it is given. A warning says what it may lose."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            for warning in with_link(settings.REDIS_URL, lambda link: check_store(link, NEVER_USED)):
                self._warn(warning)

    def _warn(self, sentence: str) -> None:
        if settings.CHAT_LOG == "json":
            logger.warning("%s", sentence)
        else:
            self.stderr.write(sentence)
