"""Puts the rooms together and runs them under uvicorn."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket

import uvicorn

from motorhead.application import Application
from motorhead.compaction import Compactor
from motorhead.config import Settings
from motorhead.erasure import Erasure
from motorhead.exceptions import ConfigurationError
from motorhead.folding import Folder, is_due
from motorhead.handlers import Handlers
from motorhead.leases import Leases
from motorhead.listing import Listing
from motorhead.metrics import Metrics
from motorhead.redis_address import parse_address
from motorhead.redis_cluster import fitting_link
from motorhead.redis_link import Link, RedisLink
from motorhead.retention import Retention
from motorhead.retrieval import Recall
from motorhead.store import State, Store
from motorhead.summarization import ModelSummarizer, Summarizer
from motorhead.sweep import Sweep

logger = logging.getLogger(__name__)

#: Seconds a kept connection may idle; longer than the pools of the usual clients keep theirs.
KEEP_ALIVE = 75
#: Seconds that requests under way have to end after SIGTERM.
GRACE = 5


def build(settings: Settings, link: Link, summarizer: Summarizer, metrics: Metrics) -> Application:
    """The application over an open ``link``; its lifespan runs the background work."""
    store = Store(link)
    folder = Folder(store, Leases(link), summarizer, settings.fold, metrics)
    compactor = Compactor(store, folder, settings.fold, metrics)

    async def look_for_folds(session_id: bytes, state: State) -> None:
        if settings.models.configured and is_due(state, settings.fold):
            compactor.schedule(session_id)

    recall = Recall(settings, link, store, metrics) if settings.long_term_memory else None

    async def look_for_gaps(session_id: bytes, state: State) -> None:
        if recall is not None:
            recall.indexer.schedule(session_id)

    listing = Listing(link)
    retention = Retention(settings.retention, link, store, listing, metrics)
    erasure = Erasure(link, settings.retention.erase)
    looks = [look_for_folds, look_for_gaps, retention.look]
    sweep = Sweep(link, store, settings.fold.sweep_seconds, looks, [retention.drop_idle_sessions, erasure.carry_out])
    tasks: list[asyncio.Task[None]] = []

    handlers = Handlers(settings, link, store, listing, compactor, recall, erasure, metrics)

    async def start() -> None:
        if recall is not None:
            recall.indexer.start()
        tasks.append(asyncio.create_task(sweep.run(), name="sweep"))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await compactor.close()
        if recall is not None:
            await recall.close()

    return Application(settings, handlers, metrics, start, stop)


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. A ConfigurationError or StoreUnavailable says why it cannot start."""
    metrics = Metrics()
    listener = listen(settings.host, settings.port)
    summarizer = ModelSummarizer(settings.models, settings.fold.summary_words)
    link: Link
    link = single = RedisLink(
        parse_address(settings.redis_url), timeout=settings.redis_timeout, on_reply=metrics.redis.observe
    )
    try:
        await single.open()
        link = await fitting_link(single)
        host, port = listener.getsockname()[:2]
        logger.info("The memory server answers on http://%s:%d and remembers in Redis at %s.", host, port, link.address)
        await _run(build(settings, link, summarizer, metrics), listener)
    finally:
        await summarizer.close()
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


async def _run(application: Application, listener: socket.socket) -> None:
    config = uvicorn.Config(
        application, log_config=None, access_log=False, loop="none", http="httptools", ws="none", lifespan="on",
        interface="asgi3", proxy_headers=False, server_header=False, date_header=False,
        timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    # uvicorn raises the signal that stopped it once more when it is done; then it has been heard already.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    tame_collector()
    await uvicorn.Server(config).serve(sockets=[listener])
