"""Reading the project files and the pinned requirements."""

from __future__ import annotations

from scripts.requirements import PROJECTS, pins, read_project, stated, stated_for_development

PINNED = """\
# Pinned by hand.
-r requirements.txt
daphne[extra]==4.2.3 \\
    --hash=sha256:00
    # via motorhead-chat (pyproject.toml)
num.py==2.4 ; python_full_version < '3.12' \\
    --hash=sha256:01
num.py==2.5 ; python_full_version >= '3.12' \\
    --hash=sha256:02
"""


def test_a_pin_has_its_name_version_and_marker() -> None:
    """Comments and included files are not pins; a package may have two pins, with different markers."""
    assert [(pin.name, pin.version) for pin in pins(PINNED)] == [
        ("daphne", "4.2.3"),
        ("num-py", "2.4"),
        ("num-py", "2.5"),
    ]
    assert pins(PINNED)[1].line == "num.py==2.4 ; python_full_version < '3.12'"
    assert pins(PINNED)[0].block.endswith("# via motorhead-chat (pyproject.toml)")


def test_the_distributions_of_this_repository_are_not_pinned() -> None:
    """No package index has them."""
    names = {each.name for file in PROJECTS for each in stated(read_project(file))}
    assert {"django", "uvicorn", "langchain-core"} <= names
    assert not names & {"motorhead-server", "langchain-motorhead", "motorhead-chat-client"}


def test_the_build_backend_is_a_development_requirement() -> None:
    """It is pinned with its hash like everything else, so a build downloads nothing."""
    assert [str(each) for each in stated_for_development()].count("hatchling==1.33.0") == 1 + len(PROJECTS)
