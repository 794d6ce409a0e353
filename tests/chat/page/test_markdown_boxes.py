"""Task lists in Markdown."""

from __future__ import annotations

from chat.page.markdown import render_markdown
from tests.support.html import parse


def test_marks_at_the_beginning_of_items_are_boxes():
    """Ticked or not, and not to be changed."""
    page = parse(render_markdown("- [ ] a\n- [x] **b**\n\n1. [X] c"))
    assert [set(box.attributes) for box in page.all("input")] == [
        {"type", "disabled", "aria-label"}, *[{"type", "disabled", "aria-label", "checked"}] * 2,
    ]  # fmt: skip
    assert [box.attributes["aria-label"] for box in page.all("input")] == ["To do", "Done", "Done"]
    assert {box.attributes["type"] for box in page.all("input")} == {"checkbox"}
    assert [item.text for item in page.all("li")] == ["a", "b", "c"]


def test_elsewhere_they_are_text():
    """In a paragraph, in code, without words behind them, or as a link."""
    html = render_markdown("[ ] a\n\n- `[ ] b`\n- [x]\n- \\[ ] c\n- [x](https://a.example) d\n- e [ ] f\n")
    assert "<input" not in html
