"""The sentences of the memory server that pages translate."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from django.utils.translation import override

from chat.domain.exceptions import MemoryRefused
from chat.web.wording import translated, worded
from motorhead.sessions.details import NO_SESSION
from tests.support.servers import REPOSITORY
from tests.support.syntax_trees import syntax_tree

FILES = ("folding/slots.py", "folding/summarizer.py", "model/azure.py", "model/client.py", "model/failures.py")
#: Values that are no number.
VALUES = {"what": "summary model", "WHAT": "summary model"}


def said() -> Iterator[str]:
    """Every sentence with values that it may give as the reason why a fold waits or has failed."""
    yield from sentences_in(FILES)


def sentences_in(files: Iterable[str]) -> Iterator[str]:
    """Every sentence with values in these files of the memory server."""
    for name in files:
        for node in ast.walk(syntax_tree(REPOSITORY / "motorhead" / name)):
            if isinstance(node, ast.JoinedStr) and (text := "".join(map(written, node.values))).endswith("."):
                yield text


def written(part: ast.expr) -> str:
    """A part of an f-string, with a value in place of a name."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    return VALUES.get(ast.unparse(part).removeprefix("{").removesuffix("}").removeprefix("f'").strip("{}'"), "7")


def test_each_is_known():
    """None would stay English, except one with several names of settings, which has them spelled out."""
    sentences = [
        text for text in said() if text.startswith(("The summary model", "All slots")) and "check 7." not in text
    ]
    assert len(sentences) > 15
    with override("de"):
        assert [text for text in sentences if translated(text) == text] == []


def test_refusals_are_known():
    """Those that a page can meet: a session that is gone, and a text that is too long."""
    refusals = [text for text in sentences_in(("http/requests.py", "http/handlers/memory.py")) if "bytes" in text]
    assert len(refusals) == 4
    with override("de"):
        assert [text for text in (*refusals, NO_SESSION) if translated(text) == text] == []
        said = worded(MemoryRefused(413, "A context has at most 2097152 bytes."))
        assert said == "Der Gedächtnisserver hat das abgelehnt (413): Eine Zusammenfassung hat höchstens 2097152 Bytes."
