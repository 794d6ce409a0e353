"""The command line of the site."""

from __future__ import annotations

import subprocess
import sys

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
