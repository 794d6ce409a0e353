"""A process starts with valid settings or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

PROGRAM = """
from chatsite.start import load_settings
load_settings()
from django.conf import settings
print(settings.CHAT_LEASE)
"""


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A process that loads the settings."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env=clean_environment({"CHAT_DATA": str(folder), **environment}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )


def test_settings_are_loaded_from_the_environment(tmp_path: Path):
    """The settings module need not be named."""
    done = run(tmp_path, CHAT_LEASE="7")
    assert (done.returncode, done.stdout) == (0, "7.0\n")


def test_a_bad_setting_ends_the_process_with_only_its_sentence(tmp_path: Path):
    """The status is 2, and the output is one line without a traceback."""
    done = run(tmp_path, CHAT_LEASE="soon")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("CHAT_LEASE ")
    assert done.stderr.count("\n") == 1
