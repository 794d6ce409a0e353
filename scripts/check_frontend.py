"""Check the page's script and style sheets, and the tests' JavaScript, with Biome: style, format, imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.node import NODE, install

ROOT = Path(__file__).resolve().parent.parent
LINT = ROOT / "scripts" / "lint"


def main() -> int:
    """Print every finding. Returns Biome's exit status: 0 without findings."""
    install(LINT)
    biome = LINT / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
    command = [str(NODE), str(biome), "ci", "--error-on-warnings", "--max-diagnostics=none", "--colors=off"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - the program installed just now


if __name__ == "__main__":
    sys.exit(main())
