"""The command line of the site."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, REPOSITORY, clean_environment


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "usage: "), (["--help"], "serve --help"), (["serve", "--help"], "--workers"), (["help"], "issue_token")],
)
def test_it_lists_its_own_commands_and_djangos(arguments: list[str], words: str):
    """Without arguments, it prints its usage."""
    done = subprocess.run(
        [sys.executable, "-m", "chatsite", *arguments],
        cwd=REPOSITORY,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )
    assert (done.returncode, words in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("url", "sentence"), [("", "no such table: auth_user."), ("postgresql://u:p@127.0.0.1:1/d", "Connection refused.")]
)
def test_a_command_without_its_database_ends_with_a_sentence(tmp_path: Path, url: str, sentence: str):
    """As where nothing has started yet, or a shell does not have the site's DATABASE_URL."""
    done = subprocess.run(
        [sys.executable, "-m", "chatsite", "createsuperuser", "--noinput", "--username", "a", "--email", "a@b.test"],
        cwd=REPOSITORY,
        env=clean_environment({"CHAT_DATA": str(tmp_path), "DATABASE_URL": url}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, last.startswith("The database cannot be used: "), sentence in last) == (1, True, True)
    assert "Traceback" not in done.stderr
