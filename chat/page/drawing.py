"""Rendering of replies off the event loop, where it takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from django.utils import translation

from chat.page.code_languages import has_language
from chat.page.markdown_work import colour_work, most_work
from chat.web.asker import asker
from chat.web.gates import AskerGates

P = ParamSpec("P")
T = TypeVar("T")

#: Limits for rendering on the event loop: work (see `markdown_work`), and characters.
LITTLE_WORK, FEW_CHARACTERS = 10_000, 20_000

#: The most work that does not wait for other people's long replies.
SHORT_WORK = 50_000

#: One for what is long: threads share the interpreter, and with more of them the event loop would wait longer for its
#: turns. What is short has another, and takes few of these turns.
_long, _short = ThreadPoolExecutor(1, "drawing"), ThreadPoolExecutor(1, "drawing-short")
#: Of one visitor, and of one network, no more than one text is in a thread or waits for one.
_gates = AskerGates()


async def draw(replies: Iterable[str], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of ``function(*args, **kwargs)``, which renders ``replies`` and may be run in a thread."""
    replies = list(replies)
    if is_quick(replies):
        return function(*args, **kwargs)
    call = partial(_spoken, translation.get_language(), partial(function, *args, **kwargs))
    async with _gates.of(asker()):
        thread = _short if is_short(replies) else _long
        return await asyncio.get_running_loop().run_in_executor(thread, copy_context().run, call)


def _spoken(language: str | None, call: Callable[[], T]) -> T:
    """The result of ``call`` in ``language``: Django's own choice of one does not follow a context into a thread."""
    with translation.override(language):
        return call()


def is_quick(replies: list[str]) -> bool:
    """Whether rendering ``replies`` is quick enough for the event loop; loading a language's lexer, for one, is not."""
    if sum(map(len, replies)) > FEW_CHARACTERS or any(map(has_language, replies)):
        return False
    return sum(map(most_work, replies)) <= LITTLE_WORK


def is_short(replies: list[str]) -> bool:
    """Whether ``replies`` need not wait for the long ones of others."""
    if sum(map(len, replies)) > FEW_CHARACTERS:
        return False
    return sum(most_work(reply) + colour_work(reply) * has_language(reply) for reply in replies) <= SHORT_WORK
