"""The consumers of websocket paths."""

from __future__ import annotations

import pytest

from chat.api.consumer import ChatConsumer
from chat.page.consumer import SessionConsumer
from chat.routing import websocket_urlpatterns
from chat.sockets.unknown_path import UnknownPathConsumer


@pytest.mark.parametrize(
    ("path", "consumer"),
    [
        ("ws/v1/chat", ChatConsumer),
        ("ws/session/trip", SessionConsumer),
        ("ws/session/a/b", SessionConsumer),
        ("ws/v1/chat/", UnknownPathConsumer),
        ("ws/v2/chat", UnknownPathConsumer),
        ("", UnknownPathConsumer),
    ],
)
def test_a_path_leads_to_its_consumer(path: str, consumer: type):
    """Every path leads to its consumer, and unknown ones to `UnknownPathConsumer`."""
    found = next(route for route in websocket_urlpatterns if route.resolve(path))
    assert found.callback.consumer_class is consumer
