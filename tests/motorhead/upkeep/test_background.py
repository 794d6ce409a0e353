"""The background work of a process starts and stops together."""

from __future__ import annotations

import asyncio

from motorhead.config import FoldSettings
from motorhead.folding.compactor import Compactor
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.metrics import Metrics
from motorhead.recall.indexer import Indexer
from motorhead.recall.vectors import Vectors
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.upkeep.background import Background
from motorhead.upkeep.sweep import Sweep
from redis_link.link import RedisLink
from tests.motorhead.recall.conftest import LetterEmbedder
from tests.support.kit import ObedientSummarizer, numbered, until

ID = b"s"


def background(link: RedisLink, summarizer: ObedientSummarizer) -> Background:
    """Background work whose sweeps find sessions to fold and to index."""
    store, fold, metrics = Store(link), FoldSettings(), Metrics()
    compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, metrics), fold, metrics)
    indexer = Indexer(store, Vectors(link), Leases(link), LetterEmbedder(), 0.01, metrics)
    looks = [DueFolds(fold, compactor.schedule).look, indexer.look]
    return Background(Sweep(link, store, 3600, looks), compactor, indexer)


async def test_unnoticed_work_is_found_from_the_start(link: RedisLink, store: Store) -> None:
    """The first sweep finds a session that is due and not indexed, and it is folded and indexed."""
    await store.append(ID, numbered(0, 13), None, b"-", Listing(link).add(ID, b"-"))
    work = background(link, ObedientSummarizer())
    await work.start()

    async def done() -> bool:
        state, index = await store.state(ID), await Vectors(link).index(ID)
        return state is not None and state.folded == 6 and index is not None and index.indexed == 13

    await until(done)
    await work.stop()


async def test_at_the_end_what_is_under_way_is_given_up(link: RedisLink, store: Store) -> None:
    """A fold that waits for its model is cancelled, its lease is released, and no task is left."""
    await store.append(ID, numbered(0, 13), None, b"-", Listing(link).add(ID, b"-"))
    summarizer, asked = ObedientSummarizer(), asyncio.Event()

    async def never() -> None:
        asked.set()
        await asyncio.Event().wait()

    summarizer.orders.append(never)
    before = asyncio.all_tasks()
    work = background(link, summarizer)
    await work.start()
    await asked.wait()
    await work.stop()
    assert await link.execute("EXISTS", SessionKeys(ID).lease) == 0
    assert asyncio.all_tasks() <= before
    state = await store.state(ID)
    assert state is not None
    assert state.folded == 0


async def test_work_that_was_never_begun_can_be_ended(link: RedisLink) -> None:
    """Stopping works even if the work was never started."""
    await background(link, ObedientSummarizer()).stop()
