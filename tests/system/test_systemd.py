"""The units in ``deploy/systemd``, as far as they can be checked without a running systemd."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.servers import REPOSITORY

UNITS = sorted((REPOSITORY / "deploy" / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")
#: The most that ``systemd-analyze security`` may find exposed, in tenths of a point: 100 is everything.
MOST_EXPOSED = 20

pytestmark = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run ``systemd-analyze`` to its end."""
    return subprocess.run([str(ANALYZE), *map(str, arguments)], capture_output=True, text=True, check=False)


def instance(unit: Path, folder: Path) -> Path:
    """A copy of ``unit`` for port 8001 if it is a template, with a program that exists in place of the site's."""
    copy = folder / unit.name.replace("@", "@8001")
    command = next(line for line in unit.read_text().splitlines() if line.startswith("ExecStart="))
    copy.write_text(unit.read_text().replace(command, "ExecStart=/bin/true"))
    return copy


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    """It knows every section, option and value."""
    assert (checked := analyze("verify", instance(unit, tmp_path))).returncode == 0, checked.stderr
    assert checked.stderr == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit: Path) -> None:
    """systemd's own assessment of what a compromised process could reach is "OK"."""
    checked = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", unit)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_of_the_site(unit: Path) -> None:
    """`motorhead-chat serve` and `web`, and `motorhead serve`."""
    (command,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    assert command.removeprefix("ExecStart=/opt/motorhead/bin/") in {
        "motorhead-chat serve",
        "motorhead-chat web",
        "motorhead serve",
    }
