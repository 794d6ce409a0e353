"""Makes the parts of a memory server, puts them together, and runs the server under uvicorn."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from environment.addresses import is_loopback
from environment.lifesigns import send_lifesigns
from environment.listeners import url_of
from motorhead.config import Settings
from motorhead.exceptions import ConfigurationError
from motorhead.folding.compactor import Compactor
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.folding.summarizer import ModelSummarizer, Summarizer
from motorhead.http.admission import admission
from motorhead.http.answers import Answers
from motorhead.http.application import Application
from motorhead.http.handlers.details import DetailsCalls
from motorhead.http.handlers.forks import ForkCalls
from motorhead.http.handlers.listings import ListingCalls
from motorhead.http.handlers.memory import MemoryCalls
from motorhead.http.handlers.messages import MessageCalls
from motorhead.http.handlers.operation import OperationCalls
from motorhead.http.handlers.search import SearchCalls
from motorhead.http.handlers.summaries import SummaryCalls
from motorhead.http.openapi import describe
from motorhead.http.protocol import Connection, connection_class
from motorhead.http.routes import Handlers, dispatch
from motorhead.http.shutdown import Stopping
from motorhead.metrics import Metrics
from motorhead.recall.embeddings import Embedder, ModelEmbedder
from motorhead.recall.indexer import Indexer
from motorhead.recall.retrieval import Recall
from motorhead.recall.vectors import Vectors
from motorhead.search.search import Search
from motorhead.sessions.append import Append
from motorhead.sessions.deletion import Deletion
from motorhead.sessions.details import Details
from motorhead.sessions.fork import Fork
from motorhead.sessions.origin import Origins
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.connect import connect
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.upkeep.background import Background
from motorhead.upkeep.erasure import Erasure
from motorhead.upkeep.retention import Retention
from motorhead.upkeep.sweep import Sweep
from redis_link.address import parse_address
from redis_link.fitness import check_store
from redis_link.link import Link
from telemetry.loop_lag import watch_loop

logger = logging.getLogger(__name__)

#: A key like those of sessions, on which the rights of the user of Redis are tried.
NEVER_USED = "mh:{}:rights"
#: Seconds that a kept connection may idle; longer than in the connection pools of the usual clients.
KEEP_ALIVE = 75
#: Seconds that requests in progress have to finish after SIGTERM.
GRACE = 5
#: Seconds that the remaining requests, cancelled then, have to send an answer.
CANCELLED_GRACE = 1


class Server(uvicorn.Server):
    """uvicorn's server, but at shutdown its requests are cancelled early and still get an answer."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests finish. Those waiting for a model are answered 503 at once, others after ``GRACE`` seconds."""
        self._stopping.begin()
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=CANCELLED_GRACE)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a server that other parts need. ``indexer`` and ``recall``: only with a long-term memory."""

    settings: Settings
    link: Link
    metrics: Metrics
    store: Store
    listing: Listing
    erasure: Erasure
    compactor: Compactor
    due: DueFolds
    indexer: Indexer | None
    recall: Recall | None
    stopping: Stopping

    @property
    def index_soon(self) -> Callable[[bytes], None]:
        """Schedules the indexing of a session; does nothing without a long-term memory."""
        return self.indexer.schedule if self.indexer else _nothing


def build(
    settings: Settings, link: Link, summarizer: Summarizer, metrics: Metrics, embedder: Embedder | None = None
) -> Application:
    """The application over an open ``link``; its lifespan runs the background work.

    ``embedder``: None disables the long-term memory.
    """
    parts = _parts(settings, link, summarizer, metrics, embedder)
    background = _background(parts)
    return Application(
        dispatch(_handlers(parts)), metrics.requests, parts.stopping, background.start, background.stop,
        admission(settings.token, settings.host, settings.allowed_hosts),
    )  # fmt: skip


def _parts(
    settings: Settings, link: Link, summarizer: Summarizer, metrics: Metrics, embedder: Embedder | None
) -> Parts:
    store, leases, vectors, fold = Store(link), Leases(link), Vectors(link), settings.fold
    compactor = Compactor(store, Folder(store, leases, summarizer, fold, metrics), fold, metrics)
    due = DueFolds(fold, compactor.schedule if settings.models.configured else _nothing)
    indexer = recall = None
    if embedder is not None:
        indexer = Indexer(store, vectors, leases, embedder, fold.retry_seconds, metrics)
        recall = Recall(store, vectors, embedder, indexer.schedule)
    return Parts(
        settings, link, metrics, store, Listing(link), Erasure(link, settings.retention.erase), compactor, due,
        indexer, recall, Stopping(),
    )  # fmt: skip


def _background(parts: Parts) -> Background:
    kept = parts.settings.retention
    retention = Retention(
        parts.link, parts.store, parts.listing, parts.erasure, parts.metrics,
        folded_messages=kept.folded_messages, idle_sessions=kept.idle_sessions,
    )  # fmt: skip
    looks = [parts.due.look, *([parts.indexer.look] if parts.indexer else []), retention.look]
    chores = [retention.drop_idle_sessions, parts.erasure.carry_out]
    sweep = Sweep(parts.link, parts.store, parts.settings.fold.sweep_seconds, looks, chores)
    return Background(sweep, parts.compactor, parts.indexer)


def _handlers(parts: Parts) -> Handlers:
    memory = _memory_calls(parts)
    return Handlers(
        memory,
        _summary_calls(parts, memory),
        MessageCalls(parts.store, parts.recall, parts.stopping, parts.settings.limits.body_bytes),
        ListingCalls(parts.listing),
        OperationCalls(parts.link, parts.metrics, describe),
        DetailsCalls(Details(parts.link), parts.settings.limits.body_bytes),
        SearchCalls(Search(parts.link, parts.listing), guarded=bool(parts.settings.token)),
        ForkCalls(memory.current, _fork(parts)),
    )


def _memory_calls(parts: Parts) -> MemoryCalls:
    settings = parts.settings
    append = Append(
        parts.store, parts.listing, parts.due, parts.metrics,
        erasure=parts.erasure,
        appends_per_minute=settings.limits.appends_per_minute,
        index_soon=parts.index_soon,
    )  # fmt: skip
    deletion = Deletion(parts.store, parts.listing, parts.erasure)
    answers = Answers(settings.fold, settings.models.configured)
    return MemoryCalls(parts.store, append, deletion, answers, settings.fold, settings.limits)


def _fork(parts: Parts) -> Fork:
    return Fork(
        parts.link, Origins(parts.link, Versions(parts.link, None)), parts.listing, parts.due,
        erasure=parts.erasure, index_soon=parts.index_soon,
    )  # fmt: skip


def _summary_calls(parts: Parts, memory: MemoryCalls) -> SummaryCalls:
    settings = parts.settings
    versions = Versions(parts.link, settings.models.prices)
    return SummaryCalls(
        memory.current, versions, Restore(parts.link, parts.store, versions, parts.due), parts.compactor.fold_now,
        parts.stopping, folds=settings.fold.enabled, has_model=settings.models.configured,
    )  # fmt: skip


def _nothing(session_id: bytes) -> None:
    """Do nothing: schedules no fold without a model, and no indexing without a long-term memory."""


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises `ConfigurationError` or `StoreUnavailable`: it cannot start."""
    process = settings.process
    metrics = Metrics(process.name, Path(process.siblings) if process.siblings else None)
    async with AsyncExitStack() as opened:
        bound = listen(settings.host, settings.port, shared=process.shared_port)
        listener = opened.enter_context(closing(bound))
        _check_reach(listener.getsockname()[0], settings)
        summarizer = ModelSummarizer(settings.models, settings.fold.summary_words, settings.fold.summary_instructions)
        opened.push_async_callback(summarizer.close)
        embedder = ModelEmbedder(settings.models, metrics) if settings.long_term_memory else None
        if embedder is not None:
            opened.push_async_callback(embedder.close)
        address, observe = parse_address(settings.redis_url), metrics.redis.observe
        link = await connect(address, settings.redis_timeout, settings.redis_prefix, on_reply=observe)
        opened.push_async_callback(link.close)
        for warning in await check_store(link, NEVER_USED):
            logger.warning("%s", warning)
        logger.info(
            "The memory server answers on %s and stores its memory in Redis at %s.", url_of(listener), link.address
        )
        application = build(settings, link, summarizer, metrics, embedder)
        connection = connection_class(
            application.respond,
            settings.limits.request_seconds,
            lambda status: metrics.requests.add(1, "no request", str(status)),
        )
        signs = asyncio.create_task(send_lifesigns(settings.notify_socket, settings.watchdog), name="signs of life")
        opened.callback(signs.cancel)
        showing = asyncio.create_task(metrics.answer_siblings(), name="metrics for siblings")
        opened.callback(showing.cancel)
        watching = asyncio.create_task(watch_loop(metrics.loop_lag.observe), name="loop lag")
        opened.callback(watching.cancel)
        await _run(application, listener, connection)


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that listens on ``host`` and ``port``. Raises `ConfigurationError`: the address cannot be used.

    ``shared``: other processes of this user may listen there as well, and the kernel spreads connections over them.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048, reuse_port=shared)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} on {host} is already in use; "
                "set MOTORHEAD_PORT to another, or stop the program that uses it."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Set MOTORHEAD_HOST to a name or an address of this machine."
        ) from error


def _check_reach(address: str, settings: Settings) -> None:
    """Raises `ConfigurationError`: others reach ``address``, and neither a token nor the operator lets them."""
    if not (is_loopback(address) or settings.token or settings.allowed_hosts):
        raise ConfigurationError(
            f"MOTORHEAD_HOST is {settings.host}, where others reach the server, and without a token they could read "
            "everything. Set MOTORHEAD_TOKEN; or MOTORHEAD_ALLOWED_HOSTS, on a network where everybody may."
        )


def tune_garbage_collector() -> None:
    """Exempt all present objects from garbage collection, and collect the others less often.

    Reading a window creates dozens of lists; with Python's defaults every tenth request would pay for a collection.
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
    # uvicorn raises the signal that stopped it again when it is done; by then it has been handled.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    tune_garbage_collector()
    await Server(config, application.stopping).serve(sockets=[listener])
