"""Drawing beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

import pytest
from django.utils import translation

from chat.page.drawing import draw, is_quick
from chat.web.asker import name_asker
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


async def drawn_after(first: tuple[str, str], *others: tuple[str, str]) -> list[tuple[str, str]]:
    """The owners and networks in the order in which the thread draws for them; ``first`` has it until all wait."""
    all_wait, order = threading.Event(), []

    def drawn(who: tuple[str, str]) -> None:
        all_wait.wait(10)
        order.append(who)

    async def ask(who: tuple[str, str]) -> None:
        name_asker(*who)
        await draw([ORDINARY(30_000)], drawn, who)

    drawings = [asyncio.create_task(ask(who)) for who in (first, *others)]
    await asyncio.sleep(0)
    all_wait.set()
    await asyncio.gather(*drawings)
    return order


async def test_nobody_waits_for_all_that_one_visitor_wants_drawn():
    """However many pages the visitor reloads at the same time, another is next, or next but one."""
    hostile, other = ("mallory", "203.0.113.1"), ("bob", "203.0.113.2")
    order = await drawn_after(hostile, *[hostile] * 8, other)
    assert order.index(other) <= 2


async def test_many_cookies_at_one_address_gain_nothing():
    """The visitors of a network wait for each other, and not all others for all of them."""
    network = "203.0.113.1"
    other = ("bob", "203.0.113.2")
    order = await drawn_after(*[(f"mallory{number}", network) for number in range(9)], other)
    assert order.index(other) <= 2


async def test_visitors_of_one_network_take_turns():
    """An office has one address: somebody there who reloads holds up the others for one page each."""
    network = "203.0.113.1"
    order = await drawn_after(*[("mallory", network)] * 9, ("bob", network))
    assert order.index(("bob", network)) <= 2
