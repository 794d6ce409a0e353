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
from chat.page.markdown_work import most_work
from chat.web.asker import asker
from chat.web.gates import AskerGates

P = ParamSpec("P")
T = TypeVar("T")

#: Limits for rendering on the event loop: work (see `markdown_work`), and characters.
LITTLE_WORK, FEW_CHARACTERS = 10_000, 20_000

#: Only one, for short replies as well: threads share the interpreter, and with two of them the event loop would wait
#: longer for its turns, and others longer for their pages.
_thread = ThreadPoolExecutor(1, "drawing")
#: Of one visitor, and of one network, no more than one text is in the thread or waits for it.
_gates = AskerGates()


async def draw(replies: Iterable[str], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of ``function(*args, **kwargs)``, which renders ``replies`` and may be run in a thread."""
    if is_quick(list(replies)):
        return function(*args, **kwargs)
    call = partial(_spoken, translation.get_language(), partial(function, *args, **kwargs))
    async with _gates.of(asker()):
        return await asyncio.get_running_loop().run_in_executor(_thread, copy_context().run, call)


def _spoken(language: str | None, call: Callable[[], T]) -> T:
    """The result of ``call`` in ``language``: Django's own choice of one does not follow a context into a thread."""
    with translation.override(language):
        return call()


def is_quick(replies: list[str]) -> bool:
    """Whether rendering ``replies`` is quick enough for the event loop; loading a language's lexer, for one, is not."""
    if sum(map(len, replies)) > FEW_CHARACTERS or any(map(has_language, replies)):
        return False
    return sum(map(most_work, replies)) <= LITTLE_WORK
