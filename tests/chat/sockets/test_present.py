"""The open sockets of a process, which are closed when it ends."""

from __future__ import annotations

from chat.sockets.present import RESTARTING, PresentSockets


class Socket:
    """Records its end."""

    door = "page"

    def __init__(self, owner: str | None) -> None:
        self.owner = owner
        self.closed: int | None = None

    async def close(self, code: int | None = None) -> None:
        self.closed = code


async def test_idle_sockets_are_closed_and_busy_ones_stay():
    """A socket whose owner is not known yet is idle; one that has gone is left alone."""
    sockets, busy, idle, new, gone = PresentSockets(), Socket("a"), Socket("b"), Socket(None), Socket("c")
    for each in (busy, idle, new, gone):
        sockets.add(each)
    sockets.discard(gone)
    await sockets.close_idle({"a"})
    assert [each.closed for each in (busy, idle, new, gone)] == [None, RESTARTING, RESTARTING, None]
    await sockets.close_idle(())
    assert busy.closed == RESTARTING
    assert len(sockets) == 3


def test_each_door_is_counted_also_without_sockets():
    """A count that disappears would look like one that is not known."""
    sockets, page = PresentSockets(), Socket("a")
    sockets.add(page)
    assert sockets.by_door() == {("page",): 1, ("websocket",): 0}
    sockets.discard(page)
    assert sockets.by_door() == {("page",): 0, ("websocket",): 0}
