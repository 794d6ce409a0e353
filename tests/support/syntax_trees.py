"""The syntax trees of the project's own modules."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The syntax tree of the module at ``path``, to be read, not changed.

    No garbage is collected meanwhile: a finalizer that prints a traceback parses too, for which Python before 3.11.8
    ends the outer parse with SystemError (python/cpython#106905).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text())
    finally:
        if was_enabled:
            gc.enable()
