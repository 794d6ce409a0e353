"""Django's own checks of a deployment, on a site that people reach at an https address."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

#: What Django warns of and this project leaves, on purpose, to the proxy that ends TLS in front of it.
LEFT_TO_THE_PROXY = [
    "security.W004",  # HSTS is a promise about every site of the domain; the chat cannot make it for the others
    "security.W008",  # the proxy redirects from http to https; on one's own machine there is no https
]


def main() -> int:
    """Print every warning that is left; 1 when there is one."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    os.environ["CHAT_PUBLIC_URL"] = "https://chat.example.org"
    django.setup()
    try:
        with override_settings(SILENCED_SYSTEM_CHECKS=LEFT_TO_THE_PROXY):
            call_command("check", deploy=True, fail_level="WARNING")
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
