"""The sentences of the memory server that pages translate."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.utils.translation import override

from chat.web.wording import translated
from tests.support.servers import REPOSITORY
from tests.support.syntax_trees import syntax_tree

FILES = ("folding/slots.py", "folding/summarizer.py", "model/azure.py", "model/client.py", "model/failures.py")
#: Values that are no number.
VALUES = {"what": "summary model", "WHAT": "summary model"}


def said() -> Iterator[str]:
    """Every sentence that it may give as the reason why a fold waits or has failed."""
    for name in FILES:
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
