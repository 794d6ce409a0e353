"""JSON that is nested more deeply than a decoder can follow."""

from __future__ import annotations

import re

#: The deepest value that stays. No format of an export has any that matters below a tenth of it.
DEEPEST = 100

#: A string, which may lack its end, or a bracket.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def flattened(content: bytes) -> bytes:
    """The JSON with null in the place of each array and object that is more than `DEEPEST` levels down.

    What is not valid JSON stays invalid.
    """
    kept, first, depth = [], 0, 0
    for token in _TOKEN.finditer(content):
        if token[0] in {b"[", b"{"}:
            depth += 1
            if depth == DEEPEST + 1:
                kept.append(content[first : token.start()])
        elif token[0] in {b"]", b"}"}:
            if depth == DEEPEST + 1:
                kept.append(b"null")
                first = token.end()
            depth -= 1
    return b"".join(kept) + content[first:] if depth == 0 else content
