"""The baseline of ``turn.py``: a minimal Channels consumer that streams ChatOpenAI, both as they come.

It has no memory, run log, sessions or stop: it takes a message and sends the model's tokens, one message at a time.

    OPENAI_BASE_URL=… OPENAI_API_KEY=… python -m daphne benchmarks.token_baseline:application
"""

from __future__ import annotations

import json

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

settings.configure()  # Channels looks for a channel layer in Django's settings

#: The least that the load client understands as a frame.
FRAME = {"requestId": "r"}

model = ChatOpenAI(model="benchmark")


class EchoConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no annotations
    """Answers each message with the model's stream."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Call the model, and send on its tokens."""
        async for chunk in model.astream([HumanMessage(text_data or "")]):
            if chunk.text:
                await self.send(
                    text_data=json.dumps(
                        {**FRAME, "type": "chunk", "chunk": {"type": "text-delta", "delta": chunk.text}}
                    )
                )
        await self.send(text_data=json.dumps({**FRAME, "type": "end"}))


application = ProtocolTypeRouter({"websocket": EchoConsumer.as_asgi()})
