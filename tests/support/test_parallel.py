"""Units of tests, and that pytest-xdist shares them out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.parallel import WITH_A_SITE, running_order, unit
from tests.support.servers import REPOSITORY, clean_environment

#: Ends only once its twin in the other worker runs, too, where ``{other}`` names the twin's file.
TOGETHER = """
import time
from pathlib import Path

def test_it():
    Path(__file__).with_suffix(".ran").touch()
    while not list(Path(__file__).parents[2].rglob("{other}.ran")):
        time.sleep(0.01)
"""
#: A test that is collected twice, under one id.
TWICE = """
from tests.conftest import *
from tests.conftest import pytest_collection_modifyitems as sort

def pytest_collection_modifyitems(items):
    sort(items)
    items += [item for item in items if item.name == "test_twice"]
"""
#: Parameters in another order in each process.
IN_A_SET = """
import pytest

@pytest.mark.parametrize("name", {"a", "b", "c", "d", "e", "f", "g"})
def test_each(name):
    pass

def test_twice():
    pass
"""


@pytest.mark.parametrize("folder", WITH_A_SITE)
def test_a_folder_with_a_site_is_one_unit(folder: str):
    """Its modules are run by one worker."""
    assert (REPOSITORY / folder).is_dir()
    assert unit(f"{folder}test_one.py") == unit(f"{folder}deeper/test_two.py") == folder


def test_any_other_module_is_a_unit():
    """Modules next to each other may be run by two workers."""
    assert unit("tests/chat/web/test_paging.py") == "tests/chat/web/test_paging.py"


def test_asynchronous_modules_of_a_folder_with_a_site_come_first():
    """No other event loop can run while a browser is open, which stays so until the folder is done."""

    async def asynchronous() -> None: ...

    def synchronous() -> None: ...

    tests = {"test_browser.py::test_1": synchronous, "test_socket.py::test_2": asynchronous}
    items: list[Any] = [SimpleNamespace(nodeid=f"tests/browser/{name}", function=test) for name, test in tests.items()]
    assert sorted(items, key=running_order(items)) == items[::-1]


def test_two_workers_run_everything_and_a_unit_together(tmp_path: Path):
    """Modules of a unit go to one worker, the next unit to the other; ids may be shared, and parameters be in a set."""
    for name, text in {
        "pytest.ini": "[pytest]",
        "conftest.py": TWICE,
        "tests/chat/test_alone.py": TOGETHER.format(other="test_first"),
        "tests/chat/test_set.py": IN_A_SET,
        "tests/browser/test_first.py": TOGETHER.format(other="test_alone"),
        "tests/browser/test_second.py": "def test_it(): pass",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-v", "-n", "2", "-p", "xdist", "--import-mode=importlib"]
    env = clean_environment({"PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ran = re.findall(r"^\[(gw\d)\].*PASSED (\S+?)::(\S+)", ended.stdout, re.MULTILINE)
    workers = {path: worker for worker, path, _ in ran}
    assert len(ran) == 12
    assert workers["tests/browser/test_first.py"] == workers["tests/browser/test_second.py"]
    assert workers["tests/browser/test_first.py"] != workers["tests/chat/test_alone.py"]
