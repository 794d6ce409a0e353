"""The contents and metadata of the four wheels."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.requirements import PROJECTS, read_project
from tests.support.servers import REPOSITORY
from tests.test_architecture import imports

NAMES = [read_project(file)["project"]["name"] for file in PROJECTS]
VERSION = read_project(PROJECTS[0])["project"]["version"]
#: Modules of the standard library, and modules that only type checkers import.
BUILT_IN = {*sys.stdlib_module_names, "_typeshed"}
#: The places of the site's own files in the chat's wheel, which has everything in packages.
MOVED = {f"chatsite/{folder}": folder for folder in ("templates", "static", "locale")}


def contents(wheel: Path) -> set[str]:
    """The files in ``wheel``, without its metadata."""
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def packages(wheel: Path) -> set[str]:
    """The packages that ``wheel`` installs."""
    return {name.split("/")[0] for name in contents(wheel)}


def on_disk(folder: str, name: str) -> set[str]:
    """The files in a folder of the repository, under their names in a wheel that has the folder as ``name``."""
    files = (path for path in (REPOSITORY / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {f"{name}/{path.relative_to(REPOSITORY / folder)}" for path in files}


def said(wheel: Path, file: str) -> str:
    """The text of a metadata file of ``wheel``."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(f".dist-info/{file}"))
        return archive.read(name).decode()


def requirements(wheel: Path) -> list[Requirement]:
    """The requirements of ``wheel``."""
    lines = said(wheel, "METADATA").partition("\n\n")[0].splitlines()
    return [Requirement(line.partition(": ")[2]) for line in lines if line.startswith("Requires-Dist: ")]


def test_every_package_of_the_repository_is_in_one_wheel(wheels: dict[str, Path]) -> None:
    """A new package must be added to a distribution."""
    held = sorted(name for wheel in wheels.values() for name in packages(wheel))
    assert held == sorted({path.parent.name for path in REPOSITORY.glob("*/__init__.py")} - {"tests"})


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_contains_its_packages_and_nothing_else(wheels: dict[str, Path], name: str) -> None:
    """Lua, templates and static files are in it; tests are not."""
    expected = {file for package in packages(wheels[name]) for file in on_disk(package, package)}
    if name == "motorhead-chat":
        expected |= {file for there, here in MOVED.items() for file in on_disk(here, there)}
    assert contents(wheels[name]) == expected


def test_the_wheels_contain_more_than_python(wheels: dict[str, Path]) -> None:
    """Essential files of other kinds are present."""
    chat, server = contents(wheels["motorhead-chat"]), contents(wheels["motorhead-server"])
    assert {"chatsite/templates/chat/page.html", "chatsite/templates/404.html"} <= chat
    assert "chatsite/locale/de/LC_MESSAGES/django.mo" in chat
    assert any(re.fullmatch(r"chatsite/static/chat/.*\.js", file) for file in chat)
    assert any(re.fullmatch(r"chat/migrations/0001.*\.py", file) for file in chat)
    assert any(file.startswith("chat/") and file.endswith(".lua") for file in chat)
    assert any(file.startswith("motorhead/") and file.endswith(".lua") for file in server)
    assert "chat_client/py.typed" in contents(wheels["motorhead-chat-client"])


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_carries_the_licence(wheels: dict[str, Path], name: str) -> None:
    """It is the same text as in the repository."""
    assert said(wheels[name], "licenses/LICENSE") == (REPOSITORY / "LICENSE").read_text()
    assert "\nLicense-Expression: MIT\n" in said(wheels[name], "METADATA")


@pytest.mark.parametrize("name", NAMES)
def test_the_version_is_the_newest_of_the_changelog(wheels: dict[str, Path], name: str) -> None:
    """All four have the same version, which is stated once and described in the changelog."""
    newest = re.search(r"^## \[([^]]+)\]", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == VERSION
    assert f"\nVersion: {VERSION}\n" in said(wheels[name], "METADATA")


def test_the_chat_asks_for_the_other_two_at_its_own_version(wheels: dict[str, Path]) -> None:
    """They are released and tested together."""
    asked = {each.name: str(each.specifier) for each in requirements(wheels["motorhead-chat"])}
    others = {"motorhead-server", "langchain-motorhead"}
    assert {name: asked.get(name) for name in NAMES if name in asked} == dict.fromkeys(others, f"=={VERSION}")


@pytest.mark.parametrize("name", NAMES)
def test_a_wheel_asks_for_everything_that_its_code_imports(wheels: dict[str, Path], name: str) -> None:
    """No import relies on another package's requirements."""
    asked = {canonicalize_name(each.name) for each in requirements(wheels[name])}
    ours = {package for other in {name, *asked} & set(NAMES) for package in packages(wheels[other])}
    distributions = metadata.packages_distributions()
    for package in packages(wheels[name]):
        for path in (REPOSITORY / package).rglob("*.py"):
            modules = {each.split(".")[0] for each in imports(path)} - BUILT_IN - ours
            missing = {each for each in modules if not asked & set(map(canonicalize_name, distributions.get(each, [])))}
            assert not missing, f"{path.relative_to(REPOSITORY)} imports {missing}."
