"""Sessions larger than a websocket accepts in one frame."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import WebSocket, expect

from tests.browser.acts import memory_id, send, window
from tests.browser.conftest import World, asked_to_chat
from tests.support.scripted_openai import Reply
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.browser

MIB = 1024 * 1024


def remember_at_length(world: World, session: str, *, messages: int = 11) -> None:
    """Append messages of a million characters as another client, with a model that cannot summarise them."""
    down = Reply(status=500, error="The summary model is down.")
    world.model.enqueue(*[down] * 100, when=lambda request: not asked_to_chat(request))
    with httpx.Client(trust_env=False, timeout=30 * PATIENCE) as client:
        for number in range(messages):
            said = {"role": "AI" if number % 2 else "Human", "content": f"number {number} " + "lorem ipsüm " * 83_000}
            answer = client.post(f"{world.memory.url}/sessions/{session}/memory", json={"messages": [said]})
            assert answer.status_code == 200


def test_a_session_of_many_megabytes_is_shown_and_goes_on(page, world):
    """The page keeps its socket, shows the beginning of each message, and gets an answer."""
    remember_at_length(world, memory_id(page))
    opened: list[WebSocket] = []
    sizes: list[int] = []

    def note(frame: bytes | str) -> None:
        sizes.append(len(frame if isinstance(frame, bytes) else frame.encode()))

    def watch(socket: WebSocket) -> None:
        opened.append(socket)
        socket.on("framereceived", note)

    page.on("websocket", watch)
    page.reload()
    expect(window(page)).to_have_count(11)
    expect(page.locator("#window").get_by_text("more characters are not shown here")).to_have_count(11)
    send(page, "and on")
    expect(window(page)).to_have_count(13)
    expect(window(page).last).to_have_text("You said: and on")
    assert len(opened) == 1
    assert max(sizes) < MIB
    expect(page.locator("#connection")).to_have_text("")
