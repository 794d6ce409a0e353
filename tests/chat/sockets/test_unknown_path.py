"""Unknown websocket paths."""

from __future__ import annotations

import asyncio
import json

import pytest

from chat.sockets.unknown_path import UnknownPathConsumer


@pytest.mark.parametrize(("offers", "accepted"), [([], None), (["bearer.x", "ai-sdk.v1"], "ai-sdk.v1")])
async def test_the_client_learns_where_the_websockets_are(offers: list[str], accepted: str | None):
    """The socket is accepted with one of the client's offers, gets a sentence, and is closed with 4404."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    for kind in ("connect", "disconnect"):
        inbox.put_nowait({"type": f"websocket.{kind}", "code": "1000"})
    await UnknownPathConsumer.as_asgi()({"type": "websocket", "subprotocols": offers}, inbox.get, outbox.put)
    assert outbox.get_nowait() == {"type": "websocket.accept", "subprotocol": accepted}
    assert "/ws/v1/chat" in json.loads(outbox.get_nowait()["text"])["errorText"]
    assert outbox.get_nowait() == {"type": "websocket.close", "code": 4404}
