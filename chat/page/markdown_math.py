"""TeX in Markdown, ``\\(…\\)``, ``\\[…\\]``, ``$…$`` and ``$$…$$``, as MathML.

A formula has no blank line. One that cannot be shown stays as it was written, with its backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chat.page.markdown_work import TooMuchMarkdown, formula_work
from chat.page.mathml import MOST_CHARACTERS, mathml

#: The most lines of a formula.
MOST_LINES = 100
#: A longer formula between words has a line of its own, so that it can be scrolled on a phone.
LONGEST_INLINE = 60

_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
#: Before and behind the dollars of a formula: prices, and variables of a shell, are none.
_NO_OPENING = re.compile(r"[\w$]")
_NO_CLOSING = re.compile(r"[0-9A-Z$]")
#: What makes a formula of several words between two dollars.
_MATHEMATICAL = re.compile(r"[\\^_={}+*/<>|-]")


def math_plugin(parser: MarkdownIt) -> None:
    """Read and write formulas with ``parser``, whose ``env`` has an ``allowance``."""
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "math_block", _math_block, {"alt": interrupts})
    parser.inline.ruler.before("escape", "math_inline", _math_inline)
    parser.add_render_rule("math_block", _render_block)
    parser.add_render_rule("math_inline", _render_inline)


def _math_inline(state: StateInline, silent: bool) -> bool:
    source, begin = state.src, state.pos
    if source[begin] not in "\\$":
        return False
    opening = source[begin] if source[begin] == "$" != source[begin + 1 : begin + 2] else source[begin : begin + 2]
    closing = _CLOSING.get(opening)
    if not closing:
        return False
    inside = begin + len(opening)
    end = source.find(closing, inside, min(state.posMax, inside + MOST_CHARACTERS))
    if end < 0 and opening[0] == "\\":  # begun, and not an escaped bracket
        return _keep_backslash(state, opening, silent)
    tex = source[inside:end]
    if end < 0 or not tex.strip() or (opening == "$" and not _is_formula(source, begin, end)):
        return False
    if not silent:
        _push_formula(state.push("math_inline", "math", 0), opening, tex, closing)
    state.pos = end + len(closing)
    return True


def _keep_backslash(state: StateInline, opening: str, silent: bool) -> bool:
    if not silent:
        token = state.push("text_special", "", 0)
        token.content = token.markup = opening
    state.pos += len(opening)
    return True


def _is_formula(source: str, begin: int, end: int) -> bool:
    """Whether the single dollars at ``begin`` and ``end`` enclose a formula, and are not those of prices."""
    tex = source[begin + 1 : end]
    if tex[0].isspace() or tex[-1].isspace() or "\n" in tex:
        return False
    if (begin and _NO_OPENING.match(source, begin - 1)) or _NO_CLOSING.match(source, end + 1):
        return False
    return " " not in tex or bool(_MATHEMATICAL.search(tex))


def _math_block(state: StateBlock, first: int, behind: int, silent: bool) -> bool:
    opening = state.src[state.bMarks[first] + state.tShift[first] :][:2]
    if opening not in {"\\[", "$$"} or state.is_code_block(first):
        return False
    closing = _CLOSING[opening]
    last = _last_line(state, first, min(behind, first + MOST_LINES), closing)
    if last is None:
        return False
    if not silent:
        state.line = last + 1
        written = state.getLines(first, last + 1, state.blkIndent, False).strip()
        token = state.push("math_block", "math", 0)
        token.map = [first, state.line]
        _push_formula(token, opening, written.removeprefix(opening).removesuffix(closing), closing)
    return True


def _last_line(state: StateBlock, first: int, behind: int, closing: str) -> int | None:
    """The line that ends with ``closing``; None if a line is blank, or goes on behind ``closing``, before that."""
    for line in range(first, behind):
        begin = state.bMarks[line] + state.tShift[line]
        text = state.src[begin + (2 if line == first else 0) : state.eMarks[line]].rstrip()
        if line > first and (not text or state.sCount[line] < state.blkIndent):
            return None
        before, closed, after = text.partition(closing)
        if closed:
            return line if not after and (before or line > first) else None
    return None


def _push_formula(token: Token, opening: str, tex: str, closing: str) -> None:
    token.content, token.markup = tex, opening
    token.meta = {"written": opening + tex + closing}


def _render_inline(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    display = tokens[at].markup in {"\\[", "$$"} or len(tokens[at].content) > LONGEST_INLINE
    return _formula(tokens[at], env, display=display) or _as_written(tokens[at])


def _render_block(
    renderer: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return f"{_formula(tokens[at], env, display=True) or f'<p>{_as_written(tokens[at])}</p>'}\n"


def _formula(token: Token, env: EnvType, *, display: bool) -> str | None:
    try:
        env["allowance"].spend(work=formula_work(token.content))
    except TooMuchMarkdown:
        return None
    return mathml(token.content, display=display)


def _as_written(token: Token) -> str:
    return escapeHtml(token.meta["written"]).replace("\n", "<br>\n")
