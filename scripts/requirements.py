"""What the three distributions ask for, and what the two files of requirements pin."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
#: The project file of each distribution: the chat's, which states the version and the tools of development, first.
PROJECTS = ("pyproject.toml", "distributions/langchain-motorhead/pyproject.toml",
            "distributions/motorhead-server/pyproject.toml")  # fmt: skip
RUNTIME, DEV = "requirements.txt", "requirements-dev.txt"


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in a file of requirements. ``block``: its lines, with hashes and what asks for it."""

    name: str
    version: str
    block: str

    @property
    def line(self) -> str:
        """What is installed, and on which machines: ``name==version ; marker``."""
        return self.block.partition("\n")[0].rstrip(" \\")


def read_project(file: str) -> dict[str, Any]:
    """The contents of one of `PROJECTS`."""
    return tomllib.loads((ROOT / file).read_text())


def stated(project: dict[str, Any]) -> list[Requirement]:
    """What ``project`` asks for, without the distributions of this repository."""
    ours = {read_project(file)["project"]["name"] for file in PROJECTS}
    wanted = map(Requirement, project["project"]["dependencies"])
    return [each for each in wanted if each.name not in ours]


def stated_for_development() -> list[Requirement]:
    """What developers need besides, the build backend of each distribution included."""
    projects = [read_project(file) for file in PROJECTS]
    backends = [each for project in projects for each in project["build-system"]["requires"]]
    return [Requirement(each) for each in [*projects[0]["dependency-groups"]["dev"], *backends]]


def pins(text: str) -> list[Pin]:
    """The packages that the text of a file pins, one for each marker."""
    blocks = re.split(r"\n(?=\S)", text)
    found = [(re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", block), block) for block in blocks]
    return [Pin(canonicalize_name(match[1]), match[2], block.rstrip("\n")) for match, block in found if match]
