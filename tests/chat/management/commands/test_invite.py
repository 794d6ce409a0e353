"""``manage.py invite``. The link is tested on a site, in ``tests/chat/staff/test_account_admin.py``."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError
from django.urls import clear_script_prefix, set_script_prefix

from chat.accounts.invitations import is_valid
from tests.chat.management.commands.test_issue_token import called

pytestmark = pytest.mark.django_db


def test_the_command_prints_a_link(settings: Any) -> None:
    """Only the link goes to stdout, and until when it is valid to stderr."""
    settings.CHAT_PUBLIC_URL = "https://chat.example.org/below"
    set_script_prefix("/below/")  # as Django does for commands, too
    link, said = called("invite", "--days", "1")
    clear_script_prefix()
    address, _, secret = link.partition("?invitation=")
    assert address == "https://chat.example.org/below/account/sign-up"
    assert is_valid(secret)
    assert "once, until" in said


@pytest.mark.parametrize("arguments", [("--days", "0"), ("--days", "366"), ("--note", "x" * 201)])
def test_the_command_refuses_with_a_sentence(arguments: tuple[str, ...]) -> None:
    """An invitation lasts at most a year."""
    with pytest.raises(CommandError, match=r"must .*\."):
        called("invite", *arguments)
