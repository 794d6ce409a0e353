"""Syntax trees are parsed without a finalizer running in between."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

from tests.support.syntax_trees import syntax_tree


class ParsesAtTheEnd:
    """An object in a circle whose finalizer parses, as one that prints a traceback does."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        ast.parse("1")


def test_a_finalizer_does_not_end_a_parse(tmp_path: Path):
    """Garbage whose finalizer parses is left until the tree is made; collection is then on again."""
    path = tmp_path / "long.py"
    path.write_text("x = 1\n" * 2000)
    for _ in range(20):
        ParsesAtTheEnd()
    assert len(syntax_tree(path).body) == 2000
    assert gc.isenabled()
