"""Whatever a reader sees can be translated: no words in templates, Python or script are outside the marks for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.servers import REPOSITORY
from tests.support.syntax_trees import syntax_tree

#: The reference of the API is in English, as the API is.
TEMPLATES = sorted(path for path in (REPOSITORY / "templates").rglob("*.html") if "reference" not in path.name)
PYTHON = sorted(path for room in ("page", "staff") for path in (REPOSITORY / "chat" / room).rglob("*.py"))
SCRIPT = sorted((REPOSITORY / "static" / "chat" / "page").glob("*.js"))

#: Words that are the same in every language: names, keys, and what no reader sees.
NAMES = {"Motörhead Chat", "JSON", "Markdown", "UTC", "K", "DIN", "HTML"}
#: Attributes that readers see or hear.
SHOWN = {"alt", "aria-description", "aria-label", "aria-placeholder", "aria-valuetext", "placeholder", "title"}
#: Attributes with sentences for the script and the style sheets.
SAID = {"data-answer", "data-lost", "data-offline", "data-unprinted", "hx-confirm"}
WORD = re.compile(r"[^\W\d_]{2,}")
#: Tags of templates: first those around words that are translated or are no text, then all others.
MARKED = re.compile(r"{% blocktranslate\b.*?{% endblocktranslate %}|{% block bodyclass %}.*?{% endblock %}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
VALUE = re.compile(r"{{.*?}}", re.DOTALL)

#: Calls whose strings are translated, or written for developers.
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext", "in_every_language"}
LOGS = re.compile(r"logger\.\w+")
#: A string of words: a sentence, or a label.
SENTENCE = re.compile(r"[A-Z][a-z]+(?: [\w’'-]+)*[.?!…]?|.*\b[a-z]{2,} [a-z]{2,}\b.*[.?!]")
#: Modules whose strings are programs or the names of languages, and strings that only look like words.
CODE = {"code_languages.py", "langchain_lines.py", "mathml.py", "names.py"}
NO_WORDS = {"Cookie", "Lax", "Referer", "Connection not open", "It broke off."}
HEADER = re.compile(r"[A-Z][a-z]*(?:-[A-Z][a-z]+)+")
#: What the offers of an empty session send: text for a model.
FOR_THE_MODEL = {"tour.js"}


class Words(HTMLParser):
    """Collects the words of a template that are not marked."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self._note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Attributes."""
        for name, value in attrs:
            if (
                name in SHOWN
                or name in SAID
                or (name == "value" and (tag, dict(attrs).get("type")) == ("input", "submit"))
            ):
                self._note(value or "")

    def _note(self, text: str) -> None:
        # A value is an x.
        bare = " ".join(text.split()).strip("x·,.:()›| ")
        if WORD.search(bare) and bare not in NAMES:
            self.found.append(bare)


def unmarked(template: str) -> list[str]:
    """The words of a template outside its tags."""
    reader = Words()
    reader.feed(VALUE.sub("x", TAG.sub("", MARKED.sub("", template))))
    return reader.found


def literals(path: Path) -> Iterator[str]:
    """The strings of a module outside docstrings, translations, logs and annotations."""
    tree = syntax_tree(path)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (_name(node.func) in CALLS or LOGS.fullmatch(ast.unparse(node.func))):
            skipped |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_template_has_no_words_of_its_own(path: Path):
    """Neither in its text nor in what is read out or said by the script."""
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_python_for_pages_has_no_words_of_its_own(path: Path):
    """Sentences and labels pass gettext."""
    if path.name in CODE:
        return
    found = [
        text for text in literals(path) if re.search("[a-z]{2}", text) and (SENTENCE.fullmatch(text) or text.istitle())
    ]
    assert [text for text in found if text not in NO_WORDS and "%s" not in text and not HEADER.fullmatch(text)] == []


@pytest.mark.parametrize("path", SCRIPT, ids=lambda path: path.name)
def test_the_script_has_no_words_of_its_own(path: Path):
    """Sentences pass gettext, and none is put together from pieces."""
    if path.name in FOR_THE_MODEL:
        return
    code = re.sub(r"/\*.*?\*/|(?:^|\s)//[^\n]*", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    plain = re.sub(r'gettext\(\s*"[^"]*"', "", code)
    quoted = re.findall(r'"([^"\n]*)"', plain) + [
        re.sub(r"\${.*?}", "", text) for text in re.findall(r"`([^`]*)`", plain)
    ]
    quoted = [text for text in quoted if text not in NO_WORDS]
    assert [text for text in quoted if re.match(r"\s*[A-Z][a-z]+ [a-z]|.*\b[a-z]+ [a-z]+[.?!:]\s*$", text)] == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Hello there</p>", ["Hello there"]),
        ('<p>{% translate "Hello" %} <b title="To you">{{ name }}</b></p>', ["To you"]),
        ("{% blocktranslate count n=1 %}One{% plural %}Many{% endblocktranslate %}", []),
        ('<input type="submit" value="Go on">', ["Go on"]),
    ],
)
def test_the_check_finds_words(template: str, found: list[str]):
    """The checks above can fail."""
    assert unmarked(template) == found
