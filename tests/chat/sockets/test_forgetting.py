"""Text that a consumer has passed on is no longer in memory."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from chat.sockets.forgetting import Once, for_each, forget_credentials, take_text


class Said:
    """A text that can be searched for in memory."""


@pytest.mark.parametrize(
    ("frame", "text"),
    [({"text": "hi"}, "hi"), ({"bytes": b"hi"}, None), ({"text": "", "bytes": None}, ""), ({"text": None}, None)],
)
def test_a_frames_text_is_taken_out_of_the_message(frame: dict[str, Any], text: str | None):
    """Only the type of a frame is left in Channels' message."""
    message = {"type": "websocket.receive", **frame}
    assert take_text(message) == text
    assert message == {"type": "websocket.receive"}


def test_credentials_leave_every_copy_of_the_scope():
    """Credentials disappear from every copy of the scope, since copies share their lists."""
    scope = {"headers": [(b"cookie", b"owner=bob")], "subprotocols": ["bearer.x"], "path": "/"}
    forget_credentials(dict(scope))
    assert scope == {"headers": [], "subprotocols": [], "path": "/"}


async def test_a_value_is_carried_to_a_task_and_stays_nowhere():
    """A running task does not keep the value that it was given."""
    going_on = asyncio.Event()

    async def use(value: Said) -> None:
        assert isinstance(value, Said)

    async def work(carried: Once[Said]) -> None:
        await use(carried.take())
        await going_on.wait()

    value = Said()
    seen = weakref.ref(value)
    task = asyncio.create_task(work(Once(value)))
    del value
    await asyncio.sleep(0)
    gc.collect()
    assert not task.done()
    assert seen() is None
    going_on.set()
    await task


def test_a_value_is_taken_once():
    """A second `take` raises `IndexError`."""
    carried = Once("hi")
    assert carried.take() == "hi"
    with pytest.raises(IndexError):
        carried.take()


async def test_a_loop_that_waits_holds_no_item():
    """The last item is not kept while waiting for the next, and the source is closed at the end."""
    waits, goes_on, seen, closed = asyncio.Event(), asyncio.Event(), [], []

    async def source() -> AsyncGenerator[Said]:
        try:
            yield Said()
            waits.set()
            await goes_on.wait()
            yield Said()
        finally:
            closed.append(True)

    async def see(item: Said) -> None:
        seen.append(weakref.ref(item))

    loop = asyncio.create_task(for_each(source(), see))
    await waits.wait()
    gc.collect()
    assert [item() for item in seen] == [None]
    goes_on.set()
    await loop
    assert (len(seen), closed) == (2, [True])
