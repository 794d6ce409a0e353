"""Task lists in Markdown: ``- [ ]`` and ``- [x]`` as boxes that cannot be ticked."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: What a screen reader says of a box.
DONE, TO_DO = gettext_noop("Done"), gettext_noop("To do")

_MARKS = {"[ ] ": False, "[x] ": True, "[X] ": True}


def boxes_plugin(parser: MarkdownIt) -> None:
    """Make boxes of the marks at the beginning of list items."""
    parser.core.ruler.after("inline", "boxes", _make_boxes)


def _make_boxes(state: StateCore) -> None:
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (item.type, paragraph.type) == ("list_item_open", "paragraph_open"):
            _make_box(inline)


def _make_box(inline: Token) -> None:
    ticked = _MARKS.get(inline.content[:4])
    if ticked is None or not inline.children or inline.children[0].type != "text":
        return
    box = Token("checkbox", "input", 0)
    box.attrs = {"type": "checkbox", "disabled": "", "aria-label": gettext(DONE if ticked else TO_DO)}
    if ticked:
        box.attrSet("checked", "")
    text = inline.children[0]
    text.content = text.content[3:]
    inline.children.insert(0, box)
