"""``scripts/setup`` in a separate project with two empty requirements files, so that no package index is used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, REPOSITORY


class Project:
    """A checkout that contains only the script, with a PATH whose programs a test may replace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.programs = root / "programs"
        for folder in (root / "scripts", self.programs):
            folder.mkdir(parents=True)
        shutil.copy(REPOSITORY / "scripts" / "setup", root / "scripts")
        for name in ("requirements.txt", "requirements-dev.txt"):
            (root / name).write_text("# nothing\n")
        self.replace("python3", f'exec {sys._base_executable} "$@"')  # type: ignore[attr-defined]

    def replace(self, program: str, script: str) -> None:
        """Replace ``program`` with this shell script."""
        (self.programs / program).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / program).chmod(0o755)

    def begin(self, what: str = "runtime", script: str = "scripts/setup") -> subprocess.Popen[str]:
        """Start a set-up from a folder outside the project."""
        env = {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        command = [str(self.root / script), what]
        return subprocess.Popen(command, cwd="/", env=env, stderr=subprocess.PIPE, text=True)

    def set_up(self, what: str = "runtime", script: str = "scripts/setup") -> tuple[int, str]:
        """Run a set-up. Returns its exit status and output."""
        with self.begin(what, script) as process:
            _, said = process.communicate(timeout=60 * PATIENCE)
        return process.returncode, said


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has not been set up, in a folder with a space in its name."""
    return Project(tmp_path / "a project")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has been set up to run the site."""
    project = Project(tmp_path_factory.mktemp("setup") / "a project")
    status, said = project.set_up()
    assert status == 0, said
    return project


def installing(requirements: str) -> str:
    """What a set-up prints that installs the packages of the file ``requirements``."""
    return f"setup: Installing {requirements}. On a new machine this takes about a minute.\n"


def test_a_second_run_has_nothing_to_do(done: Project):
    """It prints nothing and does not start pip."""
    assert done.set_up() == (0, "")


def test_it_is_found_through_a_link(done: Project):
    """A symbolic link elsewhere leads to the script's project."""
    (done.root / "elsewhere").mkdir()
    (done.root / "elsewhere" / "link").symlink_to(done.root / "scripts" / "setup")
    assert done.set_up(script="elsewhere/link") == (0, "")


def test_changed_requirements_are_installed(done: Project):
    """Only a change causes another installation."""
    (done.root / "requirements.txt").write_text("# nothing, but differently\n")
    assert done.set_up() == (0, installing("requirements.txt"))
    assert done.set_up() == (0, "")


def test_development_includes_what_the_site_needs(done: Project):
    """After it, the set-up for the site has nothing to do."""
    assert done.set_up("dev") == (
        0,
        installing("requirements-dev.txt"),
    )
    assert done.set_up("runtime") == (0, "")


def test_a_change_of_either_file_sets_up_development_again(done: Project):
    """The development requirements include the site's."""
    (done.root / "requirements-dev.txt").write_text("-r requirements.txt\n")
    assert done.set_up("dev") == (
        0,
        installing("requirements-dev.txt"),
    )
    assert done.set_up("dev") == (0, "")
    (done.root / "requirements.txt").write_text("# nothing, once more differently\n")
    assert done.set_up("dev") == (
        0,
        installing("requirements-dev.txt"),
    )


def test_an_interrupted_set_up_is_repaired(done: Project):
    """Half-installed packages are removed, and everything is installed again."""
    (done.root / ".venv" / ".requirements-runtime").unlink()
    (done.root / ".venv" / ".unfinished").touch()
    (packages,) = (done.root / ".venv" / "lib").glob("python3.*/site-packages")
    (packages / "half-1.0.dist-info").mkdir()
    (packages / "~ld").mkdir()
    status, said = done.set_up()
    assert status == 0
    assert "interrupted" in said
    assert not (packages / "half-1.0.dist-info").exists()
    assert not (packages / "~ld").exists()
    assert done.set_up() == (0, "")


def test_an_environment_without_its_python_is_made_again(done: Project):
    """This happens after an upgrade of the system's Python."""
    (done.root / ".venv" / "bin" / "python").unlink()
    status, said = done.set_up()
    assert status == 0
    assert "Making" in said
    assert done.set_up() == (0, "")


def test_two_at_once_do_the_work_once(project: Project):
    """The second waits for the first, and finds everything done."""
    first, second = project.begin(), project.begin()
    said = [process.communicate(timeout=60 * PATIENCE)[1] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sum("Making" in each for each in said) == 1


def test_debians_missing_package_is_installed_by_root(project: Project):
    """If Python cannot make environments, root uses apt-get, which fetches the package lists if needed."""
    project.replace("id", "echo 0")
    known, installed, asked = (project.root / name for name in ("known", "installed", "asked"))
    project.replace(
        "apt-get",
        f'echo "$@" >>"{asked}"; [ "$1" = update ] && touch "{known}"; [ -e "{known}" ] && touch "{installed}"',
    )
    without_ensurepip(project, until=installed)
    _, said = project.set_up()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"Installing Debian's python{version}-venv." in said
    assert "Making" in said
    wanted = f"install -y --no-install-recommends python{version}-venv"
    assert asked.read_text().splitlines() == [wanted, "update -q", wanted]


def test_without_the_right_to_install_it_names_the_missing_package(project: Project):
    """The sentence includes the command to install it."""
    project.replace("id", "echo 1000")
    without_ensurepip(project)
    status, said = project.set_up()
    assert status == 1
    assert "as root: apt-get install" in said


def test_a_python_that_is_too_old_is_skipped(project: Project):
    """If there is no other, the sentence names the required version."""
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        project.replace(name, "exit 1")
    status, said = project.set_up()
    assert status == 1
    assert "Python 3.11 or newer is needed" in said


def test_it_asks_what_to_set_up(project: Project):
    """A misspelt argument changes nothing."""
    status, said = project.set_up("devel")
    assert status == 1
    assert "scripts/setup runtime" in said
    assert not (project.root / ".venv").exists()


def without_ensurepip(project: Project, until: Path | None = None) -> None:
    """Install a Python as Debian ships it. To save time, it never really makes an environment."""
    real = sys._base_executable  # type: ignore[attr-defined]
    missing = f'[ "$2" = "import ensurepip" ] && [ ! -e "{until or "/nowhere"}" ] && exit 1'
    project.replace("python3", f'{missing}\n[ "$2" = venv ] && exit 1\nexec {real} "$@"')
