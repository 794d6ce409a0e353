"""Are the pinned requirements in step with pyproject.toml? Looks at the files alone; asks no package index."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "motorhead-chat (pyproject.toml)"
AGAIN = "Compile the requirements again with the command at the top of each file."


def wanted(pyproject: Path) -> tuple[list[Requirement], list[Requirement]]:
    """The requirements that ``pyproject`` states: of the site, and of development besides."""
    project = tomllib.loads(pyproject.read_text())["project"]
    runtime, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    return [Requirement(each) for each in runtime], [Requirement(each) for each in dev]


def pinned(requirements: Path) -> dict[str, tuple[str, bool]]:
    """Package name → its version, and whether the project itself asks for it (its ``via`` says so)."""
    found: dict[str, tuple[str, bool]] = {}
    for block in re.split(r"\n(?=\S)", requirements.read_text()):
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", block):
            if "--hash=" not in block:
                sys.exit(f"{requirements.name}: {match[1]} has no hash. {AGAIN}")
            found[canonicalize_name(match[1])] = (match[2], PROJECT in block)
    return found


def differences(stated: Sequence[Requirement], pins: dict[str, tuple[str, bool]], file: str) -> Iterator[str]:
    """A sentence for each requirement that ``file`` does not pin as stated, or pins though nobody states it."""
    names = {canonicalize_name(each.name) for each in stated}
    for requirement in stated:
        version, _ = pins.get(canonicalize_name(requirement.name), (None, False))
        if version is None:
            yield f"{file} does not pin {requirement.name}."
        elif version not in requirement.specifier:
            yield f"{file} pins {requirement.name} {version}, but pyproject.toml wants {requirement.specifier}."
    yield from (
        f"{file} pins {name} for the project, but pyproject.toml does not name it."
        for name, (_, direct) in pins.items()
        if direct and name not in names
    )


def main() -> int:
    """Print every difference; 1 when there is one."""
    runtime, dev = wanted(ROOT / "pyproject.toml")
    site = pinned(ROOT / "requirements.txt")
    all_of_it = pinned(ROOT / "requirements-dev.txt")
    found = [
        *differences(runtime, site, "requirements.txt"),
        *differences([*runtime, *dev], all_of_it, "requirements-dev.txt"),
        *(
            f"requirements.txt pins {name} {version}, requirements-dev.txt does not."
            for name, (version, _) in site.items()
            if all_of_it.get(name, ("", False))[0] != version
        ),
    ]
    for sentence in found:
        print(sentence, file=sys.stderr)
    if found:
        print(AGAIN, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
