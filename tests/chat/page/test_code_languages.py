"""Words behind fences."""

from __future__ import annotations

import pytest
from pygments.lexers import find_lexer_class_by_name

from chat.page.code_languages import LEXERS, has_language, language_of


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("py", "Python"),
        (" Python title=x", "Python"),
        ("c++", "C++"),
        ("C#", "C#"),
        ("js{1,3}", "JavaScript"),
        ("python:app.py", "Python"),
        ("{.yaml}", "YAML"),
        ("", None),
        ("  ", None),
        ("pyx", None),
        ("text", None),
        ("<script>", None),
        ("py" * 50_000, None),
    ],
)
def test_the_first_word_is_the_language(info, language):
    """A word that is not known is no language, however close it is to one."""
    assert language_of(info) == language


@pytest.mark.parametrize("language", LEXERS)
def test_pygments_knows_every_language(language):
    """By the name that the table has."""
    assert find_lexer_class_by_name(LEXERS[language])
    assert language_of(LEXERS[language]) == language


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("a\n```py\nb", True),
        ("- a\n  > ~~~ js x\n", True),
        ("`py`", False),
        ("```\npy\n```", False),
        ("a ```py", False),
        ("`" * 100_000, False),
    ],
)
def test_a_fence_with_a_language_is_found_anywhere(text, has):
    """In lists and quotations, too."""
    assert has_language(text) is has
