"""Run Django's deployment checks on the settings of a site with an https address."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

#: Warnings of Django about settings that this project deliberately leaves to the TLS proxy in front of it.
LEFT_TO_THE_PROXY = [
    "security.W004",  # HSTS is a promise about every site of the domain, which the chat cannot make for the others
    "security.W008",  # the proxy redirects from http to https; on a developer's machine there is no https
]


def main() -> int:
    """Print every other warning. Returns 1 if there is any."""
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
