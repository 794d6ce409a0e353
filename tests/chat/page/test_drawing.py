"""Drawing beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest
from django.utils import translation

from chat.page.drawing import draw, is_quick
from tests.support.hostile_markdown import HOSTILE, ORDINARY


@pytest.mark.parametrize(
    ("replies", "quick"),
    [
        ([], True),
        (["**word** `x` " * 50], True),
        (["**word** `x` " * 50] * 20, False),
        (["```\nx\n```"], True),
        (["```py\nx\n```"], False),
        (["plain words " * 1_000], True),
        (["plain words " * 1_000] * 2, False),
        *[([hostile(2_000)], False) for hostile in (HOSTILE["wide table"], HOSTILE["brackets"], HOSTILE["lines"])],
    ],
)
def test_little_is_drawn_at_once(replies, quick):
    """What is much, or may be, is not."""
    assert is_quick(replies) is quick


async def test_what_takes_long_is_drawn_in_a_thread():
    """The worker goes on meanwhile; the thread has the context of the page."""
    visitor: ContextVar[str] = ContextVar("visitor")
    visitor.set("bob")
    goes_on = threading.Event()

    def drawn(word: str, *, end: str) -> tuple[str, str, bool]:
        return word + end, visitor.get(), goes_on.wait(10)

    drawing = asyncio.create_task(draw([HOSTILE["brackets"](50_000)], drawn, "a", end="b"))
    await asyncio.sleep(0)
    goes_on.set()
    assert await drawing == ("ab", "bob", True)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_what_takes_long_is_drawn_in_the_language_of_the_page(language):
    """Replies with code, too, are followed by actions in the reader's words."""
    with translation.override(language):
        assert await draw(["```py\nx\n```"], translation.get_language) == language


async def test_what_is_quick_waits_for_no_thread():
    """However much others have to be drawn."""
    assert await draw(["**a**"], threading.get_ident) == threading.get_ident()
    assert await draw([ORDINARY(30_000)], threading.get_ident) != threading.get_ident()


async def test_what_fails_in_the_thread_fails_here():
    """As it would have done at once."""
    with pytest.raises(ZeroDivisionError):
        await draw([ORDINARY(30_000)], divmod, 1, 0)
