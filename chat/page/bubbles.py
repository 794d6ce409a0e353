"""A message as the page draws it, and many of them in portions that a page can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from chat.domain.messages import STOPPED_MARK, Message
from chat.page.markdown import render_markdown

#: Characters of one message that are shown, and of all the messages that come in one swap unless one alone has more.
MOST_SHOWN = 100_000


@dataclass(frozen=True, slots=True)
class Bubble:
    """``html`` is the reply's Markdown, rendered and sanitised; ``more`` is how much is not shown ("" for nothing)."""

    id: str | None
    is_reply: bool
    text: str
    stopped: bool = False
    at: datetime | None = None
    more: str = ""

    @property
    def html(self) -> SafeString:
        return render_markdown(self.text)


def bubble_of(message: Message) -> Bubble:
    """A remembered message, as far as it is shown; the mark behind a stopped reply becomes a flag."""
    stopped = message.is_reply and message.content.endswith(STOPPED_MARK)
    text = message.content.removesuffix(STOPPED_MARK) if stopped else message.content
    beyond = len(text) - MOST_SHOWN
    more = f"{beyond:,}" if beyond > 0 else ""
    return Bubble(message.id, message.is_reply, text[:MOST_SHOWN], stopped, message.created_at, more)


def portions(said: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """``said`` in stretches that each are short enough for one swap; one empty stretch where nothing was said."""
    begin = length = 0
    for end, message in enumerate(said):
        own = min(len(message.content), MOST_SHOWN)
        if end > begin and length + own > MOST_SHOWN:
            yield said[begin:end]
            begin, length = end, 0
        length += own
    yield said[begin:]
