"""The direction of text in a reply: each block has that of its first letter.

Browsers determine ``dir="auto"`` without the parts of an element that have a ``dir`` of their own, so of lists, tables
and quotations they would see nothing. Here a block has a ``dir`` only where it differs from what is around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: Between a table and its cells.
_BETWEEN = {"thead_open", "tbody_open", "tr_open"}
_LETTER = re.compile(r"[^\W\d_]")


def direction_plugin(parser: MarkdownIt) -> None:
    """Set ``dir`` on blocks.

    ``env["direction"]`` is the direction of the first letter of all, once that is known. If ``env["list"]`` is the list
    that the text begins with, its items go on with one that has ``env["list_direction"]``.
    """
    parser.core.ruler.push("direction", _set_directions)


def direction_of(text: str) -> str | None:
    """``rtl`` or ``ltr``, by the first letter; None without letters."""
    letter = _LETTER.search(text)
    if not letter:
        return None
    return "rtl" if unicodedata.bidirectional(letter[0]) in {"R", "AL"} else "ltr"


def _set_directions(state: StateCore) -> None:
    found = _directions(state.tokens)
    if state.tokens and state.env.get("list") and list_of(state.tokens[0]) == state.env["list"]:
        found[0] = state.env["list_direction"]
    first = found[min(found)] if found else None
    state.env["direction"] = state.env.get("direction") or first
    around = [state.env["direction"]]
    for at, token in enumerate(state.tokens):
        if token.nesting < 0:
            around.pop()
        elif token.nesting > 0:
            own = found.get(at, around[-1])
            if own and own != around[-1]:
                token.attrSet("dir", own)
            around.append(own)


def list_of(token: Token) -> tuple[str, str] | None:
    """The tag and the marker of the list that ``token`` opens: neighbours that share them are one list."""
    return (token.tag, token.markup) if token.type in {"bullet_list_open", "ordered_list_open"} else None


def _directions(tokens: Sequence[Token]) -> dict[int, str]:
    """The direction of each block with a letter, by the index of the token that opens it."""
    found: dict[int, str] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.nesting > 0:
            opened.append(at)
        elif token.nesting < 0:
            opened.pop()
        elif token.type == "inline" and (own := _direction_of_line(token.children or ())):
            for index in opened:
                found.setdefault(index, own)
    return {at: own for at, own in found.items() if tokens[at].type not in _BETWEEN}


def _direction_of_line(children: Iterable[Token]) -> str | None:
    texts = (child.content for child in children if child.type in {"text", "text_special"})
    return next(filter(None, map(direction_of, texts)), None)
