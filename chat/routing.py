"""Every websocket path of the site."""

from __future__ import annotations

from channels.routing import URLRouter
from django.urls import path

from chat.api.consumer import ChatConsumer
from chat.page.consumer import SessionConsumer
from chat.sockets.unknown_path import UnknownPathConsumer

websocket_urlpatterns: list[URLRouter] = [
    path("ws/v1/chat", ChatConsumer.as_asgi()),
    path("ws/session/<path:session_id>", SessionConsumer.as_asgi()),
    path("<path:anything>", UnknownPathConsumer.as_asgi()),
    path("", UnknownPathConsumer.as_asgi()),
]
