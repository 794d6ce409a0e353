"""Reasoning inside a reply's text: a block in tags at its beginning. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from chat.domain.messages import Reasoning

#: The tags around reasoning: of DeepSeek, Qwen and most others, of gateways for Claude and Gemini, and of Magistral.
TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
}
#: Characters that are held back at the beginning of a reply, as long as they may be white space before a tag.
MOST_HELD = 32


class _Place(Enum):
    """Where in the reply the next character is."""

    START = auto()
    BLOCK = auto()
    BEHIND_BLOCK = auto()
    TEXT = auto()


class ReasoningSplitter:
    """Separates a reply's reasoning from its text, piece by piece.

    Only a block at the beginning is reasoning, whatever white space is before it; a later tag is text. White space
    between reasoning and text belongs to neither. No more is held back than what may be part of a tag.
    """

    def __init__(self) -> None:
        self._place = _Place.START
        self._held = ""
        self._thought = False
        self._closing = ""
        #: The open block with its tag: if it is never closed, it was text.
        self._block: list[str] = []

    @property
    def is_open(self) -> bool:
        """Whether the block has begun but not ended."""
        return self._place is _Place.BLOCK

    def add_reasoning(self, text: str) -> Iterator[Reasoning]:
        """Reasoning that the server itself keeps apart."""
        new = text if self._thought else text.lstrip()
        if new:
            self._thought = True
            self._held = self._held if self._place is _Place.BLOCK else self._held.lstrip()
            yield Reasoning(new)

    def add_text(self, text: str) -> Iterator[str | Reasoning]:
        """What the next piece of the reply adds to reasoning and text."""
        self._held += text
        if self._place is _Place.START:
            self._begin()
        if self._place is _Place.BLOCK:
            yield from self._think()
        if self._place is _Place.BEHIND_BLOCK:
            self._skip_blank()
        if self._place is _Place.TEXT and self._held:
            yield self._held
            self._held = ""

    def end(self) -> Iterator[str]:
        """The text that is left at the end of a complete reply. A block that was never closed was text."""
        if rest := "".join([*self._block, self._held]):
            yield rest

    def _begin(self) -> None:
        begun = self._held.lstrip()
        if self._thought:
            self._held = begun
        for tag, closing in TAGS.items():
            if begun.startswith(tag):
                self._closing = closing
                self._place = _Place.BLOCK
                self._block = [self._held[: -len(begun)], tag]
                self._held = begun.removeprefix(tag)
                return
        if len(self._held) > MOST_HELD or not any(tag.startswith(begun) for tag in TAGS):
            self._place = _Place.TEXT

    def _think(self) -> Iterator[Reasoning]:
        inside, closed, rest = self._held.partition(self._closing)
        if closed:
            self._place, self._held = _Place.BEHIND_BLOCK, rest
            self._block.clear()
        else:
            self._held = _beginning_of(self._closing, inside)
            inside = inside.removesuffix(self._held)
            self._block.append(inside)
        yield from self.add_reasoning(inside)

    def _skip_blank(self) -> None:
        self._held = self._held.lstrip()
        if self._held:
            self._place = _Place.TEXT


def _beginning_of(tag: str, text: str) -> str:
    """The end of ``text`` with which ``tag`` may begin."""
    lengths = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((tag[:length] for length in lengths if text.endswith(tag[:length])), "")
