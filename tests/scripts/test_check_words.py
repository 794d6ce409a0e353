"""The check of the project's prose refuses what it lists, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_words


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The problems in a file of this name with this text."""
    monkeypatch.setattr(check_words, "ROOT", tmp_path)

    def problems(name: str, text: str) -> list[str]:
        (tmp_path / name).write_text(text)
        return check_words.problems([tmp_path / name])

    return problems


# The phrases are put together here, because this file is checked, too.
ANEW, TOLD = "an" + "ew", "to" + "ld"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.py", f'"""It begins {ANEW}."""\n', 1),
        ("a.py", f"x = 1\n# The client is {TOLD}.\n", 2),
        ("a.lua", f"local x = 1\n-- It begins {ANEW}.\n", 2),
        ("a.js", f"f();\n// Users are {TOLD}.\n", 2),
        ("a.css", f"a {{}}\n/* {ANEW} */\n", 2),
        ("a.html", f"<p>\nYou are {TOLD}.</p>", 2),
        ("a.md", f"# Title\n\nIt begins {ANEW}.\n", 3),
    ],
)
def test_a_listed_phrase_is_found_where_it_is(written, name: str, text: str, line: int) -> None:
    """In docstrings, comments, templates and documents, with its line."""
    [problem] = written(name, text)
    assert problem.startswith(f"{name}:{line}: ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", f'x = "{ANEW}"\n{TOLD} = 1\n'),
        ("a.html", "{% if " + TOLD + " %}<p>Yes.</p>{% endif %}"),
        ("a.js", f"const {TOLD} = 1;\n"),
        ("a.py", "# Untoldable renewal.\n"),
    ],
)
def test_code_and_longer_words_are_left_alone(written, name: str, text: str) -> None:
    """Strings, names and template tags are not prose."""
    assert written(name, text) == []


@pytest.mark.parametrize("name", ["session_helper.py", "utils.py"])
def test_a_module_that_is_named_after_nothing_is_refused(written, name: str) -> None:
    """So is a class."""
    assert written(name, "class Session: ...\n") == [f"{name}: the module's name"]
    assert written("a.py", "class SessionManager: ...\n") == ["a.py:1: the class SessionManager"]
