"""The start of a process that uses the settings."""

from __future__ import annotations

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def load_settings() -> None:
    """Load the site's settings. An invalid value ends the process with just its sentence, and status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    try:
        settings.SECRET_KEY  # noqa: B018 - reading any of them loads them all
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(2)
