"""Virtual environments with wheels of this repository, and of everything else only what those wheels ask for."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.servers import PATIENCE, clean_environment

#: No module is imported from elsewhere than the environment.
ISOLATED = {"PYTHONPATH": ""}


@dataclass(frozen=True)
class Environment:
    """A virtual environment in ``folder``."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of a program that was installed into it, or of its ``python``."""
        return str(self.folder / "bin" / name)

    def run(self, name: str, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the folder ``cwd`` until it ends."""
        return subprocess.run(
            [self.program(name), *arguments],
            cwd=cwd,
            env=clean_environment({**ISOLATED, **env}),
            capture_output=True,
            text=True,
            timeout=60 * PATIENCE,
            check=False,
        )

    @property
    def packages(self) -> Path:
        """The folder of its packages."""
        (found,) = self.folder.glob("lib/python3.*/site-packages")
        return found

    def closure(self) -> dict[str, metadata.Distribution]:
        """What the wheels in it ask for, and what that asks for, by name, the wheels themselves included."""
        ours = {each.name: each for each in metadata.distributions(path=[str(self.packages)])}
        found: dict[str, metadata.Distribution] = {}
        waiting, seen = [Requirement(name) for name in ours], set()
        while waiting:
            wanted = waiting.pop()
            if str(wanted) not in seen:
                seen.add(str(wanted))
                distribution = ours.get(wanted.name) or metadata.distribution(wanted.name)
                found[canonicalize_name(wanted.name)] = distribution
                waiting += _asked_for(distribution, wanted.extras)
        return found


def _asked_for(distribution: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    """What ``distribution`` with ``extras`` needs on this machine."""
    for requirement in map(Requirement, distribution.requires or []):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in [*extras, ""]):
            yield requirement


def make_environment(folder: Path, wheels: Mapping[str, Path], *names: str) -> Environment:
    """An environment with the wheels ``names``; it sees of the tests' own packages those which they ask for."""
    venv.create(folder, symlinks=True)
    made = Environment(folder)
    command = [sys.executable, "-m", "pip", "--python", made.program("python"), "install", "--quiet"]
    subprocess.run([*command, "--no-index", "--no-deps", *(wheels[name] for name in names)], check=True)
    dependencies = folder / "dependencies"
    dependencies.mkdir()
    for name, distribution in made.closure().items():
        if name not in names:
            _link(distribution, dependencies)
    (made.packages / "dependencies.pth").write_text(f"{dependencies}\n")
    return made


def _link(distribution: metadata.Distribution, folder: Path) -> None:
    """Make what ``distribution`` has installed importable from ``folder``."""
    for name in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
        if not (folder / name).exists():  # a folder of plugins, shared by several
            (folder / name).symlink_to(Path(str(distribution.locate_file(name))))
