"""Virtual environments with wheels of this repository and only the packages that those wheels require."""

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

#: Keeps modules outside the environment from being imported.
ISOLATED = {"PYTHONPATH": ""}


@dataclass(frozen=True)
class Environment:
    """A virtual environment in ``folder``."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of a program installed in the environment, or of its ``python``."""
        return str(self.folder / "bin" / name)

    def run(self, name: str, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the folder ``cwd``, and wait for it to end."""
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
        """The wheels in the environment and everything they require, directly or indirectly, by name."""
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
    """The requirements of ``distribution`` with ``extras`` on this machine."""
    for requirement in map(Requirement, distribution.requires or []):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in [*extras, ""]):
            yield requirement


def make_environment(folder: Path, wheels: Mapping[str, Path], *names: str) -> Environment:
    """An environment with the wheels ``names`` and, from the tests' own packages, only those that they require."""
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
    """Make the packages of ``distribution`` importable from ``folder``."""
    for name in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
        if not (folder / name).exists():  # a namespace folder may be shared by several
            (folder / name).symlink_to(Path(str(distribution.locate_file(name))))
