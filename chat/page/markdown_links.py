"""Bare addresses in Markdown as links.

The libraries for this search the rest of a paragraph again for each ``://``; here each character is read at most once.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline

_SCHEME = re.compile(r"(?<![a-z0-9+.-])https?$", re.IGNORECASE)
#: Up to a blank, a quotation mark, or the punctuation of Chinese and Japanese, which has no blanks before it.
_REST = re.compile(r"://[^\W_][^\s<>\"`\\\u2018-\u201f\u3000-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40]{0,2000}")
_PUNCTUATION = "?!.,:;*_~'"
#: Punctuation and closing brackets may follow an address in turns. An address has few of them.
_MOST_TURNS = 10


def links_plugin(parser: MarkdownIt) -> None:
    """Make links of bare ``http`` and ``https`` addresses, and none of footnotes."""
    parser.inline.ruler.before("autolink", "bare_address", _bare_address)
    parser.block.ruler.at("reference", _reference_without_footnotes)


def _bare_address(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or state.src[state.pos] != ":":
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    rest = _REST.match(state.src, state.pos, state.posMax) if scheme else None
    if not scheme or not rest:
        return False
    address = scheme[0] + _without_punctuation(rest[0])
    target = state.md.normalizeLink(address)
    if not state.md.validateLink(target):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    _push_link(state, target, address)
    state.pos += len(address) - len(scheme[0])
    return True


def _without_punctuation(address: str) -> str:
    """``address`` without the punctuation of its sentence, and without brackets that were opened before it."""
    for _ in range(_MOST_TURNS):
        shorter = address.rstrip(_PUNCTUATION)
        for opening, closing in ("()", "[]"):
            excess = shorter.count(closing) - shorter.count(opening)
            trailing = len(shorter) - len(shorter.rstrip(closing))
            shorter = shorter[: len(shorter) - max(0, min(excess, trailing))]
        if shorter == address:
            break
        address = shorter
    return address


def _push_link(state: StateInline, target: str, address: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": target}
    opening.markup, opening.info = "linkify", "auto"
    state.push("text", "", 0).content = state.md.normalizeLinkText(address)
    closing = state.push("link_close", "a", -1)
    closing.markup, closing.info = "linkify", "auto"


def _reference_without_footnotes(state: StateBlock, first: int, behind: int, silent: bool) -> bool:
    """A footnote, ``[^1]: text``, is text: as the definition of a link, a note of one word would vanish."""
    if state.src.startswith("[^", state.bMarks[first] + state.tShift[first]):
        return False
    return reference(state, first, behind, silent)
