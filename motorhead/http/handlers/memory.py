"""What each call does. A handler takes a request and returns its response; errors are raised."""

from __future__ import annotations

import msgspec

from motorhead.config import Settings
from motorhead.exceptions import BadRequest, ModelRejected, TooLarge
from motorhead.http.answers import NO_MODEL, Answers, matches
from motorhead.http.requests import OK, Request, Response, json_response
from motorhead.http.shutdown import Stopping
from motorhead.messages import PostMemory, Query
from motorhead.metrics import Metrics
from motorhead.sessions.append import Append
from motorhead.sessions.deletion import Deletion
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store import keys
from motorhead.store.listing import Listing, now_ms
from motorhead.store.store import Store, parse_id
from motorhead.upkeep.background import Background
from redis_link.link import Link

LARGEST_PAGE = 1000
LARGEST_HISTORY = 200
#: Characters of an idempotency key.
LONGEST_KEY = 200

_post_memory = msgspec.json.Decoder(PostMemory)
_query = msgspec.json.Decoder(Query)


class Handlers:
    """The calls of the protocol."""

    def __init__(
        self,
        settings: Settings,
        link: Link,
        store: Store,
        listing: Listing,
        background: Background,
        metrics: Metrics,
        stopping: Stopping,
    ) -> None:
        self._stopping = stopping
        self._link = link
        self._metrics = metrics
        self._settings = settings
        self._limits = settings.limits
        self._store = store
        self._listing = listing
        self._background = background
        self._recall = background.recall
        self._deletion = Deletion(store, listing, background.erasure)
        self._append = Append(
            store, listing, background.due, metrics,
            a_minute=self._limits.appends_per_minute, index_soon=background.index_soon,
        )  # fmt: skip
        self._versions = Versions(link, settings.models.prices)
        self._restore = Restore(link, store, self._versions, background.due)
        self._answers = Answers(settings)
        self._likely = settings.fold.window_size + 2
        self._most = None if settings.fold.enabled else settings.fold.window_size

    async def now(self, request: Request) -> Response:
        """GET /: the time, in milliseconds since 1970."""
        return json_response({"now": now_ms()})

    async def healthz(self, request: Request) -> Response:
        """GET healthz: the process answers."""
        return json_response({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """GET readyz: Redis answers, too."""
        await self._link.execute("PING")
        return json_response({"status": "ready"})

    async def metrics(self, request: Request) -> Response:
        """GET metrics: what is counted, for Prometheus."""
        return Response(200, [(b"content-type", b"text/plain; version=0.0.4")], self._metrics.render())

    async def openapi(self, request: Request) -> Response:
        """GET openapi.json: this protocol, described."""
        from motorhead.http.openapi import describe  # made at need: hardly any process is ever asked

        return json_response(describe())

    async def get_memory(self, request: Request) -> Response:
        """GET memory: the window newest first, the summary, tokens spent; 304 if the client has it already."""
        session_id = self._session_id(request)
        known = request.header(b"if-none-match")
        if known:
            state = await self._store.state(session_id)
            if state is not None and matches(known, self._answers.etag(state)):
                return self._answers.not_modified(state)
        return await self._memory(session_id)

    async def post_memory(self, request: Request) -> Response:
        """POST memory: append messages, set the context."""
        session_id = self._session_id(request)
        posted = await request.json(_post_memory, self._limits.body_bytes)
        self._check_messages(posted)
        epoch, key = _header_text(request, b"session-epoch"), _header_text(request, b"idempotency-key")
        appended = await self._append.append(
            session_id, _namespace(request), posted.messages, posted.context, epoch=epoch, key=key
        )
        if not appended:
            return OK
        return Response(200, [*OK.headers, (b"session-epoch", appended.encode())], OK.body)

    async def delete_memory(self, request: Request) -> Response:
        """DELETE memory: everything of the session, in every namespace."""
        session_id = self._session_id(request)
        await self._deletion.delete(session_id, _namespace(request))
        return OK

    async def history(self, request: Request) -> Response:
        """GET messages: everything ever said, newest first, page by page."""
        session_id = self._session_id(request)
        before, limit = self._page_of(request)
        return json_response(await self._store.history(session_id, before, limit))

    async def summaries(self, request: Request) -> Response:
        """GET summaries: the versions of the summary, newest first."""
        session_id = self._session_id(request)
        before, limit = self._page_of(request)
        versions = await self._versions.page(session_id, before, limit)
        return json_response({"summaries": versions, "spent": await self._versions.spent(session_id)})

    async def restore(self, request: Request) -> Response:
        """POST restore: make a version the summary again; the memory after it."""
        session_id = self._session_id(request)
        await self._restore.restore(session_id, parse_id(request.names[1].decode("latin-1")))
        return await self._memory(session_id)

    async def fold(self, request: Request) -> Response:
        """POST fold: fold down to half the window now, as soon as there is room; the memory after it."""
        session_id = self._session_id(request)
        if not self._settings.fold.enabled:
            raise BadRequest("Folding is switched off on this server (MOTORHEAD_FOLD).")
        if not self._settings.models.configured:
            raise ModelRejected(NO_MODEL)
        with self._stopping.ends_waiting():
            await self._background.compactor.fold_now(session_id)
        return await self._memory(session_id)

    async def retrieval(self, request: Request) -> Response:
        """POST retrieval: the session's messages nearest to a text."""
        query = await request.json(_query, self._limits.body_bytes)
        if self._recall is None:
            raise BadRequest("Long term memory is disabled")
        with self._stopping.ends_waiting():
            return json_response(await self._recall.nearest(self._session_id(request), query.text))

    async def sessions(self, request: Request) -> Response:
        """GET sessions: ids, or with ``details`` objects, of one namespace, oldest activity first."""
        namespace = _namespace(request)
        page = request.number("page", 1, 10**12)
        size = request.number("size", 10, LARGEST_PAGE)
        order, details = request.parameter("order"), request.flag("details")
        if order not in {None, "newest", "oldest"}:
            raise BadRequest("The parameter order must be newest or oldest.")
        ids = await self._listing.page(namespace, page, size, order == "newest")
        if details:
            return json_response(await self._listing.details(ids))
        return json_response([session_id.decode(errors="replace") for session_id in ids])

    async def namespaces(self, request: Request) -> Response:
        """GET namespaces: the names of those that hold sessions."""
        return json_response(await self._listing.namespaces())

    async def _memory(self, session_id: bytes) -> Response:
        found = await self._store.window(session_id, self._likely, self._most)
        if found is None:
            return self._answers.memory(None, [])
        return self._answers.memory(*found)

    def _session_id(self, request: Request) -> bytes:
        return request.session_id(self._limits.session_id_bytes)

    def _page_of(self, request: Request) -> tuple[int | None, int]:
        before = request.parameter("before")
        return None if before is None else parse_id(before), request.number("limit", 50, LARGEST_HISTORY)

    def _check_messages(self, posted: PostMemory) -> None:
        most = self._limits.message_bytes
        if most >= self._limits.body_bytes:
            return
        for message in posted.messages:
            if _bytes(message.role) + _bytes(message.content) > most:
                raise TooLarge(f"A message, its role included, has at most {most} bytes.")
        if posted.context is not None and _bytes(posted.context) > most:
            raise TooLarge(f"A context has at most {most} bytes.")


def _namespace(request: Request) -> keys.Mark:
    """The mark of the namespace that the query names. BadRequest if the name is too long."""
    name = request.parameter("namespace")
    if name is not None and _bytes(name) > keys.LONGEST_NAME:
        raise BadRequest(f"A namespace has at most {keys.LONGEST_NAME} bytes.")
    return keys.mark(name)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _header_text(request: Request, name: bytes) -> str:
    """A header that names something; BadRequest if it is too long or holds anything but visible ASCII."""
    value = request.header(name)
    if not value:
        return ""
    if len(value) > LONGEST_KEY or not all(33 <= character <= 126 for character in value):
        raise BadRequest(f"{name.decode().title()} has at most {LONGEST_KEY} characters, all of visible ASCII.")
    return value.decode()
