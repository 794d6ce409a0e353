"""The calls that look up messages of a session."""

from __future__ import annotations

import msgspec

from motorhead.exceptions import BadRequest
from motorhead.http.parameters import BEFORE, LIMIT, SESSION
from motorhead.http.requests import Request, Response, json_response
from motorhead.http.shutdown import Stopping
from motorhead.messages import Query
from motorhead.recall.retrieval import Recall
from motorhead.store.store import Store

_query = msgspec.json.Decoder(Query)


class MessageCalls:
    """Looks up messages. ``recall``: the long-term memory, if it is enabled."""

    def __init__(self, store: Store, recall: Recall | None, stopping: Stopping, body_bytes: int) -> None:
        self._store = store
        self._recall = recall
        self._stopping = stopping
        self._body_bytes = body_bytes

    async def history(self, request: Request) -> Response:
        """A page of all messages, newest first."""
        session_id = SESSION.read(request)
        return json_response(await self._store.history(session_id, BEFORE.read(request), LIMIT.read(request)))

    async def retrieval(self, request: Request) -> Response:
        """The session's messages nearest to a text."""
        query = await request.json(_query, self._body_bytes)
        if self._recall is None:
            raise BadRequest("Long term memory is disabled")
        with self._stopping.cancelled_on_stop():
            return json_response(await self._recall.nearest(SESSION.read(request), query.text))
