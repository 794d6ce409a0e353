"""Puts the rooms together and runs them under uvicorn."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket

import uvicorn

from motorhead.config import Settings
from motorhead.exceptions import ConfigurationError
from motorhead.folding.summarizer import ModelSummarizer, Summarizer
from motorhead.http.answers import Answers
from motorhead.http.application import Application
from motorhead.http.handlers.listings import ListingCalls
from motorhead.http.handlers.memory import MemoryCalls
from motorhead.http.handlers.messages import MessageCalls
from motorhead.http.handlers.operation import OperationCalls
from motorhead.http.handlers.summaries import SummaryCalls
from motorhead.http.openapi import describe
from motorhead.http.protocol import Connection, connection_within
from motorhead.http.routes import Handlers, dispatch
from motorhead.http.shutdown import Stopping
from motorhead.metrics import Metrics
from motorhead.sessions.append import Append
from motorhead.sessions.deletion import Deletion
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.connect import connect
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.upkeep.background import Background
from redis_link.address import parse_address
from redis_link.link import Link

logger = logging.getLogger(__name__)

#: Seconds a kept connection may idle; longer than the pools of the usual clients keep theirs.
KEEP_ALIVE = 75
#: Seconds that requests under way have to end after SIGTERM.
GRACE = 5
#: Seconds that those which have not ended then have for saying so.
LAST_WORDS = 1


class Server(uvicorn.Server):
    """uvicorn that tells its requests that it is being stopped, and lets them answer."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests end. What waits for a model is answered 503 at once, what does not end in time after it."""
        self._stopping.begin()
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_WORDS)


def build(settings: Settings, link: Link, summarizer: Summarizer, metrics: Metrics) -> Application:
    """The application over an open ``link``; its lifespan runs the background work."""
    store, listing = Store(link), Listing(link)
    background, stopping = Background(settings, link, store, listing, summarizer, metrics), Stopping()
    append = Append(
        store, listing, background.due, metrics,
        a_minute=settings.limits.appends_per_minute, index_soon=background.index_soon,
    )  # fmt: skip
    has_model = settings.models.configured
    versions = Versions(link, settings.models.prices)
    memory = MemoryCalls(
        store, append, Deletion(store, listing, background.erasure), Answers(settings.fold, has_model), settings.fold,
        settings.limits,
    )  # fmt: skip
    handlers = Handlers(
        memory,
        SummaryCalls(
            memory.current, versions, Restore(link, store, versions, background.due), background.compactor.fold_now,
            stopping, folds=settings.fold.enabled, has_model=has_model,
        ),
        MessageCalls(store, background.recall, stopping, settings.limits.body_bytes),
        ListingCalls(listing),
        OperationCalls(link, metrics, describe),
    )  # fmt: skip
    return Application(
        dispatch(handlers), metrics.requests, stopping, background.start, background.stop, settings.token
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. A ConfigurationError or StoreUnavailable says why it cannot start."""
    metrics = Metrics()
    listener = listen(settings.host, settings.port)
    summarizer = ModelSummarizer(settings.models, settings.fold.summary_words)
    link: Link | None = None
    try:
        address = parse_address(settings.redis_url)
        link = await connect(address, settings.redis_timeout, on_reply=metrics.redis.observe)
        host, port = listener.getsockname()[:2]
        logger.info("The memory server answers on http://%s:%d and remembers in Redis at %s.", host, port, link.address)
        connection = connection_within(
            settings.limits.request_seconds, lambda status: metrics.requests.add(1, "no request", str(status))
        )
        await _run(build(settings, link, summarizer, metrics), listener, connection)
    finally:
        await summarizer.close()
        if link is not None:
            await link.close()
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port``. ConfigurationError says why it cannot."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} on {host} is in use already; set PORT to another, or end what listens there."
            ) from error
        raise ConfigurationError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error


def tame_collector() -> None:
    """Keep the garbage collector away from what stays for ever, and let it look at the rest less often.

    Reading one window makes dozens of lists; by default every tenth request would pay for a collection.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


async def _run(application: Application, listener: socket.socket, connection: type[Connection]) -> None:
    config = uvicorn.Config(
        application, log_config=None, access_log=False, loop="none", http=connection, ws="none",
        lifespan="on", interface="asgi3", proxy_headers=False, server_header=False, date_header=False,
        timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    # uvicorn raises the signal that stopped it once more when it is done; then it has been heard already.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    tame_collector()
    await Server(config, application.stopping).serve(sockets=[listener])
