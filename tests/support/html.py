"""A page as a tree, so that a test can check where something is, and not only that it is somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Text that must never become markup.
HOSTILE = "<script>alert(1)</script><hx-partial hx-target='body'>\"'&"
VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass
class Element:
    """An element; ``children`` are elements and text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children).strip()

    def all(self, tag: str = "", *, of: str = "", **attributes: str) -> list[Element]:
        """The descendants with this tag, this class (``of``) and these attributes, in document order."""
        return [
            one
            for one in self._within()
            if tag in {"", one.tag}
            and (not of or of in one.attributes.get("class", "").split())
            and attributes.items() <= one.attributes.items()
        ]

    def rows(self, table: str = "tbody") -> list[list[str]]:
        """The text of each cell, row by row."""
        return [
            [cell.text for cell in row.all() if cell.tag in {"td", "th"}]
            for body in self.all(table)
            for row in body.all("tr")
        ]

    def links(self) -> dict[str, str]:
        """The addresses of the links, by their text."""
        return {link.text: link.attributes.get("href", "") for link in self.all("a")}

    def values(self, name: str) -> list[str]:
        """The values of the form fields of this name."""
        return [one.attributes.get("value", "") for one in self.all("input", name=name)]

    def _within(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._within()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in {element.tag for element in self.stack}:
            while self.stack.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def parse(page: str) -> Element:
    """The page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.stack[0]


def places(swaps: Iterable[str]) -> dict[str, Element]:
    """What is swapped in, by the place that it goes to."""
    return {partial.attributes["hx-target"]: partial for swap in swaps for partial in parse(swap).all("hx-partial")}


def assert_harmless(html: str, partials: int) -> None:
    """Nothing hostile became markup: no script, and no more partials than were meant."""
    page = parse(html)
    assert page.all("script") == []
    assert len(page.all("hx-partial")) == html.count("<hx-") == partials
