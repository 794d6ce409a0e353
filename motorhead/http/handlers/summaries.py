"""The calls about a session's summary: listing its versions, restoring one, and folding now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from motorhead.exceptions import BadRequest, ModelRejected
from motorhead.http.answers import NO_MODEL
from motorhead.http.parameters import BEFORE, LIMIT, SESSION, VERSION
from motorhead.http.requests import Request, Response, json_response
from motorhead.http.shutdown import Stopping
from motorhead.messages import FoldNow, Summaries
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions

_fold = msgspec.json.Decoder(FoldNow)
#: Bytes in the body of a fold.
LARGEST_FOLD = 1024


class FoldSession(Protocol):
    """Folds a session now."""

    async def __call__(self, session_id: bytes, *, through: int | None = None) -> None:
        """Fold ``session_id`` down to half its window, or up to and including the message ``through``."""


class SummaryCalls:
    """Lists, restores and makes summaries.

    ``memory`` answers with a session's present memory; ``fold_now`` folds a session. ``folds``: whether folding is
    enabled; ``has_model``: whether a model is configured.
    """

    def __init__(
        self,
        memory: Callable[[bytes], Awaitable[Response]],
        versions: Versions,
        restore: Restore,
        fold_now: FoldSession,
        stopping: Stopping,
        *,
        folds: bool,
        has_model: bool,
    ) -> None:
        self._memory = memory
        self._versions = versions
        self._restore = restore
        self._fold_now = fold_now
        self._stopping = stopping
        self._folds = folds
        self._has_model = has_model

    async def versions(self, request: Request) -> Response:
        """A page of the versions of the summary, newest first, and the tokens that all of them took."""
        session_id = SESSION.read(request)
        versions = await self._versions.page(session_id, BEFORE.read(request), LIMIT.read(request))
        return json_response(Summaries(versions, await self._versions.spent(session_id)))

    async def restore(self, request: Request) -> Response:
        """Make an earlier version the summary again; the answer is the resulting memory."""
        session_id = SESSION.read(request)
        await self._restore.restore(session_id, VERSION.read(request))
        return await self._memory(session_id)

    async def fold(self, request: Request) -> Response:
        """Fold down to half the window, or up to a message, now or once there is a free slot; the resulting memory."""
        session_id = SESSION.read(request)
        # Some clients name a type even of no body.
        has_body = request.header(b"content-length") not in {b"", b"0"} or request.header(b"transfer-encoding")
        asked = await request.json(_fold, LARGEST_FOLD) if has_body else FoldNow()
        if not self._folds:
            raise BadRequest("Folding is switched off on this server (MOTORHEAD_FOLD).")
        if not self._has_model:
            raise ModelRejected(NO_MODEL)
        with self._stopping.cancelled_on_stop():
            await self._fold_now(session_id, through=None if asked.through is None else int(asked.through))
        return await self._memory(session_id)
