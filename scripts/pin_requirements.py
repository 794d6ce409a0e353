"""Pin every package that pyproject.toml and distributions/ require: ``python -m scripts.pin_requirements``.

Pinned versions are kept where possible. Arguments are passed to ``uv pip compile``: ``--upgrade``, or
``--upgrade-package NAME``. requirements.txt is for the site; requirements-otel.txt and requirements-dev.txt include
it, and add what traces and developers need.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from scripts.requirements import DEV, PROJECTS, ROOT, RUNTIME, TRACING, pins

COMMAND = ".venv/bin/python -m scripts.pin_requirements"
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header"),
    *("--generate-hashes", "--universal", "--python-version", "3.11"),
)
HEADER = f"# Pinned by {COMMAND}; do not edit.\n"


def main(arguments: Sequence[str]) -> int:
    """Write the files. Returns 0, or uv's exit status if it failed."""
    runtime = ROOT / RUNTIME
    try:
        _compile([*arguments, *PROJECTS, "-o", RUNTIME])
        runtime.write_text(HEADER + runtime.read_text())
        _compile([*arguments, *PROJECTS, "--extra", "otel", "-c", RUNTIME, "-o", TRACING])
        _extend(TRACING)
        _compile([*arguments, *PROJECTS, "--group", "dev", "-c", RUNTIME, "-o", DEV])
        _extend(DEV)
    except subprocess.CalledProcessError as error:  # uv has said why
        return error.returncode
    return 0


def _extend(file: str) -> None:
    """Have ``file`` include the site's pins rather than repeat them."""
    path = ROOT / file
    path.write_text(f"{HEADER}-r {RUNTIME}\n{on_top(path.read_text(), (ROOT / RUNTIME).read_text())}")


def on_top(everything: str, below: str) -> str:
    """The blocks of ``everything`` that ``below`` does not already pin with the same marker."""
    known = {pin.line for pin in pins(below)}
    return "".join(f"{pin.block}\n" for pin in pins(everything) if pin.line not in known)


def _compile(arguments: Sequence[str]) -> None:
    subprocess.run([*COMPILE, *arguments], cwd=ROOT, check=True)  # noqa: S603 - a fixed command, no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
