"""The calls that read and change the details of a session."""

from __future__ import annotations

import msgspec

from motorhead.http.parameters import EPOCH, SESSION
from motorhead.http.requests import Request, Response, json_response
from motorhead.messages import PatchSession
from motorhead.sessions.details import Details

_patch = msgspec.json.Decoder(PatchSession)


class DetailsCalls:
    """Reads and changes the details of a session."""

    def __init__(self, details: Details, body_bytes: int) -> None:
        self._details = details
        self._body_bytes = body_bytes

    async def get(self, request: Request) -> Response:
        """The session's details, as in a listing."""
        return await self._answer(SESSION.read(request))

    async def change(self, request: Request) -> Response:
        """Change some details; the answer has all of them."""
        session_id = SESSION.read(request)
        patch = await request.json(_patch, self._body_bytes)
        await self._details.change(session_id, patch, EPOCH.read(request))
        return await self._answer(session_id)

    async def _answer(self, session_id: bytes) -> Response:
        details, epoch = await self._details.read(session_id)
        return json_response(details, headers=[(b"session-epoch", epoch.encode())])
