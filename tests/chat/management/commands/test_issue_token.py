"""``manage.py issue_token``."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.web.tokens import read_token
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment


@pytest.fixture(autouse=True)
def redis(settings: Any, redis_url: str) -> None:
    """An empty register of tokens."""
    settings.REDIS_URL = redis_url


def called(command: str, *arguments: str) -> tuple[str, str]:
    """What a command writes to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def issue(*arguments: str) -> tuple[str, str]:
    return called("issue_token", *arguments)


def test_the_command_prints_a_token():
    """The command prints only the token to stdout, and its owner to stderr."""
    token, said = issue("--owner", "alice", "--days", "2")
    assert read_token(token).owner == "alice"
    assert "alice" in said
    assert "2 days" in said


@pytest.mark.parametrize(("days", "said"), [("1", "valid for 1 day:"), ("2", "valid for 2 days:")])
def test_the_command_counts_days_in_english(days, said):
    """One day is a day."""
    assert said in issue("--days", days)[1]


def test_a_token_that_the_site_would_refuse_is_not_issued(settings: Any, redis_url: str):
    """The shell has another secret key than the site; nothing is listed then."""
    call_command("check_secret_key")
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    with pytest.raises(CommandError, match="another secret key than this shell"):
        issue("--owner", "alice")
    assert called("list_tokens")[0] == ""
    settings.SECRET_KEY_FALLBACKS = [key]  # a machine whose turn it is, while the key is changed
    assert issue("--owner", "alice")[0]


def test_a_token_can_be_limited():
    """The list shows for what and whose pages, and the tenant of a service."""
    issue("--tenant", "acme", "--scope", "turns", "--scope", "read", "--origin", "https://app.example")
    listed, _ = called("list_tokens")
    assert listed.split("  ")[1::3] == ["acme_*", "turns,read"]
    assert "https://app.example" in listed
    issue("--owner", "bob", "--turns-per-minute", "3", "--calls-per-minute", "90", "--name", "a shop")
    assert called("list_tokens")[0].splitlines()[0].endswith("  3 turns a minute  90 calls a minute  a shop")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tenant", "a_b"], "24 letters"),
        (["--tenant", "acme", "--owner", "bob"], "no --owner"),
        (["--origin", "https://app.example/"], "without a path"),
        (["--origin", "app.example"], "without a path"),
        (["--turns-per-minute", "-1"], "from 0"),
        (["--calls-per-minute", "1000001"], "to 1000000"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(arguments, said):
    """Nothing is issued."""
    with pytest.raises(CommandError, match=said):
        issue(*arguments)
    assert called("list_tokens")[0] == ""


def run(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command line, run for the site in the folder ``data``."""
    command = [sys.executable, "manage.py", "issue_token"]
    env = clean_environment({"CHAT_DATA": str(data), **settings})
    return subprocess.run(
        command, check=False, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60 * PATIENCE
    )


def test_no_key_is_made_for_a_token(tmp_path: Path, redis_url: str):
    """Without a site's key a token would fit no site: a sentence says what to do, and the folder stays as it was."""
    data = tmp_path / "data"
    refused = run(data)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"There is no secret key in {data} yet" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()
    assert run(data, DJANGO_SECRET_KEY="of the site", REDIS_URL=redis_url).returncode == 0
    assert not (data / "secret_key").exists()


def test_the_command_makes_an_owner():
    """Without --owner the token is for a new owner."""
    assert read_token(issue()[0]).owner != read_token(issue()[0]).owner


@pytest.mark.parametrize("arguments", [("--owner", "a.b"), ("--owner", ""), ("--days", "0")])
def test_the_command_refuses_with_a_sentence(arguments):
    """An owner with invalid characters and an invalid number of days are refused."""
    with pytest.raises(CommandError, match=r"must be .*\."):
        issue(*arguments)
