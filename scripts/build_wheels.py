"""Build the four distributions' wheels with the pinned build backend: ``python -m scripts.build_wheels DIR``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.requirements import PROJECTS, ROOT

BUILD = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory")


def build(folder: Path) -> None:
    """Build the four wheels into ``folder``. Raises `CalledProcessError`: hatchling failed, and printed why."""
    for file in PROJECTS:
        subprocess.run([*BUILD, folder.resolve()], cwd=(ROOT / file).parent, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
