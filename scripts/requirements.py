"""The requirements that the four distributions state, and the pins in the requirements files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
#: The project file of each distribution. The first, the chat's, also has the version and the development tools.
PROJECTS = ("pyproject.toml", "distributions/langchain-motorhead/pyproject.toml",
            "distributions/motorhead-chat-client/pyproject.toml",
            "distributions/motorhead-server/pyproject.toml")  # fmt: skip
RUNTIME, TRACING, DEV = "requirements.txt", "requirements-otel.txt", "requirements-dev.txt"


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in a requirements file. ``block``: its lines, with its hashes and what requires it."""

    name: str
    version: str
    block: str

    @property
    def line(self) -> str:
        """The requirement itself: ``name==version ; marker``."""
        return self.block.partition("\n")[0].rstrip(" \\")


def read_project(file: str) -> dict[str, Any]:
    """The contents of one of `PROJECTS`."""
    return tomllib.loads((ROOT / file).read_text())


def stated(project: dict[str, Any]) -> list[Requirement]:
    """The requirements of ``project``, without the distributions of this repository."""
    ours = {read_project(file)["project"]["name"] for file in PROJECTS}
    wanted = map(Requirement, project["project"]["dependencies"])
    return [each for each in wanted if each.name not in ours]


def stated_for_tracing() -> list[Requirement]:
    """The additional requirements of traces, the extra ``otel``."""
    return [*map(Requirement, read_project(PROJECTS[0])["project"]["optional-dependencies"]["otel"])]


def stated_for_development() -> list[Requirement]:
    """The additional requirements of developers, including each distribution's build backend."""
    projects = [read_project(file) for file in PROJECTS]
    backends = [each for project in projects for each in project["build-system"]["requires"]]
    return [Requirement(each) for each in [*projects[0]["dependency-groups"]["dev"], *backends]]


def pins(text: str) -> list[Pin]:
    """The pins in the text of a requirements file, one for each package and marker."""
    blocks = re.split(r"\n(?=\S)", text)
    found = [(re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", block), block) for block in blocks]
    return [Pin(canonicalize_name(match[1]), match[2], block.rstrip("\n")) for match, block in found if match]
