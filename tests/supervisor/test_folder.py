"""The data folder and its lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor import folder
from supervisor.exceptions import FolderInUse, FolderUnusable
from supervisor.folder import hold


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "PATIENCE", 0.05)


def test_a_new_folder_is_closed_to_others(tmp_path: Path):
    """Everything remembered is in files that only their owner can read."""
    with hold(tmp_path / "deep" / "var"):
        assert (tmp_path / "deep" / "var").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "deep" / "var" / "valkey").stat().st_mode & 0o777 == 0o700


def test_a_held_folder_is_refused_and_its_holder_named(tmp_path: Path):
    """The sentence names the folder, the process that holds it, and the option that names another."""
    refused = pytest.raises(FolderInUse, match=rf"in use by .*process {os.getpid()}.*--data")
    with hold(tmp_path), refused, hold(tmp_path):
        pass


def test_a_released_folder_can_be_held_again(tmp_path: Path):
    """Stopping and starting on the same folder works."""
    with hold(tmp_path):
        pass
    with hold(tmp_path):
        pass


def test_a_child_that_inherited_the_lock_goes_on_holding_it(tmp_path: Path):
    """While Valkey lives, no second one is started, even if the supervisor is gone."""
    with hold(tmp_path) as lock:
        command = [sys.executable, "-c", "input()"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[lock])
    with child:
        with pytest.raises(FolderInUse), hold(tmp_path):
            pass
        child.communicate(b"\n")
    with hold(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_reported_with_the_reason(tmp_path: Path):
    """A file is in the way: the sentence names it, and the option for another folder."""
    (tmp_path / "file").touch()
    refused = pytest.raises(FolderUnusable, match=r"file/var cannot be used \(Not a directory.*--data")
    with refused, hold(tmp_path / "file" / "var"):
        pass
