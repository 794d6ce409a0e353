"""Messages as the page draws them, and their division into swaps of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from chat.domain.messages import STOPPED_MARK, Message
from chat.page.markdown import render_markdown
from chat.page.markdown_work import Allowance, TooMuchMarkdown
from chat.runs.log import RETENTION
from chat.web.wording import grouped

#: The most characters shown of one message, and the most in the messages of one swap.
MOST_SHOWN = 100_000
#: For so long after its reply a prompt is known.
KNOWN = timedelta(milliseconds=RETENTION)
_CARRIAGE_RETURN = SafeString("&#13;")


@dataclass(frozen=True, slots=True)
class Bubble:
    """``html`` is the reply's Markdown, rendered and sanitised; None where ``text`` is shown as it is.

    ``more`` is the number of characters not shown ("": none). ``is_recent``: a reply whose prompt may still be known.
    """

    id: str | None
    is_reply: bool
    text: str
    html: SafeString | None = None
    stopped: bool = False
    at: datetime | None = None
    more: str = ""
    is_recent: bool = False

    @property
    def source(self) -> SafeString | None:
        """``text`` as HTML for an attribute, None where the page shows it exactly.

        A browser reads a carriage return as a line feed, unless it is written as a reference.
        """
        if self.html is None and "\r" not in self.text:
            return None
        return format_html_join(_CARRIAGE_RETURN, "{}", ((line,) for line in self.text.split("\r")))


def bubbles_of(said: Sequence[Message]) -> list[Bubble]:
    """Remembered messages, as far as they are shown. Where they exceed a page's allowance, the newest are formatted."""
    page = Allowance.of_page()
    return [bubble_of(message, page.of_message()) for message in reversed(said)][::-1]


def bubble_of(message: Message, allowance: Allowance | None = None) -> Bubble:
    """A remembered message, cut to what is shown; the mark at the end of a stopped reply becomes a flag."""
    text = text_of(message)
    stopped = len(text) < len(message.content)
    beyond = len(text) - MOST_SHOWN
    more = grouped(beyond) if beyond > 0 else ""
    shown = text[:MOST_SHOWN]
    html = html_of(shown, allowance) if message.is_reply else None
    return Bubble(message.id, message.is_reply, shown, html, stopped, message.created_at, more, _is_recent(message))


def _is_recent(message: Message) -> bool:
    at = message.created_at
    return message.is_reply and message.id is not None and at is not None and datetime.now(UTC) - at < KNOWN


def text_of(message: Message) -> str:
    """The text of a message, without the mark at the end of a stopped reply."""
    stopped = message.is_reply and message.content.endswith(STOPPED_MARK)
    return message.content.removesuffix(STOPPED_MARK) if stopped else message.content


def html_of(reply: str, allowance: Allowance | None = None) -> SafeString | None:
    """The reply's Markdown as HTML; None where it exceeds the allowance (by default, that of one message)."""
    try:
        return render_markdown(reply, allowance)
    except TooMuchMarkdown:
        return None


def replies_of(said: Sequence[Message]) -> Iterator[str]:
    """The Markdown among ``said``, as far as it is shown."""
    return (message.content[:MOST_SHOWN] for message in said if message.is_reply)


def portions(bubbles: Sequence[Bubble]) -> Iterator[Sequence[Bubble]]:
    """``bubbles`` in portions that each fit into one swap; one empty portion if there are none."""
    begin = length = 0
    for end, bubble in enumerate(bubbles):
        own = len(bubble.text)
        if end > begin and length + own > MOST_SHOWN:
            yield bubbles[begin:end]
            begin, length = end, 0
        length += own
    yield bubbles[begin:]
