"""What the documents say of the code is so."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.support.servers import REPOSITORY
from tests.test_architecture import READ_THE_ENVIRONMENT

DOCUMENTS = [*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")]
#: Not Django's permissions, which look like names of ours.
DOTTED = re.compile(
    r"`(?!chat\.(?:view|delete)_session)((?:chat|chatsite|motorhead|openai_standin|supervisor)(?:\.\w+)+)`"
)
#: Not what a running site writes.
PATHS = re.compile(r"`(?!var/)([a-z.][\w.-]*/(?:[\w.-]+/)*[\w.-]+\.(?:py|lua|md|yaml|mjs|json|html|css|js))`")
LINKS = re.compile(r"\]\(((?!https?:|#)[^)#]+)")


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_name_in_a_document_exists(document: Path) -> None:
    """Functions and classes by their dotted names, files by their paths, and links."""
    text = document.read_text()
    assert [name for name in DOTTED.findall(text) if not resolves(name)] == []
    assert [path for path in PATHS.findall(text) if not (REPOSITORY / path).exists()] == []
    assert [link for link in LINKS.findall(text) if not (document.parent / link).exists()] == []


def test_the_path_of_a_turn_is_told() -> None:
    """The document of the architecture names what every turn goes through."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text()
    path = ("Runs.start", "run_turn", "get_memory", "build_prompt", "stream_reply", "append_messages", "RunLog.finish")
    places = [text.index(name) for name in path]
    assert places == sorted(places)


def test_the_readme_shows_the_example_that_is_tested() -> None:
    """The lines for LangChain are those of the file, but for its heading."""
    example = (REPOSITORY / "examples" / "hi_im_bob.py").read_text()
    assert example.split('"""', 2)[2].strip() in (REPOSITORY / "README.md").read_text()


def test_the_readme_names_settings_that_exist() -> None:
    """Every variable in it is read by one of the three files that read the environment."""
    configured = "".join((REPOSITORY / path).read_text() for path in READ_THE_ENVIRONMENT)
    named = set(
        re.findall(
            r"\b(?:CHAT|MOTORHEAD|OPENAI|REDIS|STANDIN|DJANGO)_[A-Z_]+\b", (REPOSITORY / "README.md").read_text()
        )
    )
    assert named
    assert {name for name in named if name not in configured} == set()
