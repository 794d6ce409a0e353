"""``manage.py issue_token``."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from chat.web.tokens import owner_of_token


def issue(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("issue_token", *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def test_the_command_prints_a_token():
    """The command prints only the token to stdout, and its owner to stderr."""
    token, said = issue("--owner", "alice", "--days", "2")
    assert owner_of_token(token) == "alice"
    assert "alice" in said
    assert "2 days" in said


def test_the_command_makes_an_owner():
    """Without --owner the token is for a new owner."""
    assert owner_of_token(issue()[0]) != owner_of_token(issue()[0])


@pytest.mark.parametrize("arguments", [("--owner", "a.b"), ("--owner", ""), ("--days", "0")])
def test_the_command_refuses_with_a_sentence(arguments):
    """An owner with invalid characters and an invalid number of days are refused."""
    with pytest.raises(CommandError, match=r"must be .*\."):
        issue(*arguments)
