"""Unknown websocket paths. The handshake is accepted, since a browser does not see why one was refused."""

from __future__ import annotations

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from chat.web.handshake import offer_to_accept

#: As HTTP's 404.
UNKNOWN_PATH = 4404


class UnknownPathConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # Channels has no annotations
    """Tells the client where the websocket API is, and closes."""

    async def connect(self) -> None:
        """Accept, send the sentence, close with 4404."""
        await self.accept(offer_to_accept(self.scope["subprotocols"]))
        sentence = "There is no websocket at this path. The API is at /ws/v1/chat."
        await self.send_json({"type": "error", "requestId": "", "errorText": sentence})
        await self.close(UNKNOWN_PATH)
