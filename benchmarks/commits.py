"""Another commit of this repository, for a benchmark that measures both in one run."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import REPOSITORY


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the files of ``commit``. It is run with the packages of this environment."""
    with tempfile.TemporaryDirectory(prefix="commit-") as name:
        folder = Path(name) / "site"
        _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
        try:
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _git(*arguments: str) -> None:
    run = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S607
    if run.returncode:
        raise SystemExit(f"git {' '.join(arguments)} failed: {run.stderr.strip()}")
