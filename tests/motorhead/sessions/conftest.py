"""Fixtures of the tests of sessions."""

from __future__ import annotations

import pytest

from motorhead.config import FoldSettings
from motorhead.folding.folder import Folder
from motorhead.metrics import Metrics
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, numbered


@pytest.fixture
async def folded_twice(store: Store, link: RedisLink) -> bytes:
    """The id of a session with versions 1 (m0-m5) and 2 (m0-m12) and seven messages in the window."""
    session_id = b"s"
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    for start, count in ((0, 13), (13, 7)):
        await store.append(session_id, numbered(start, count), None, b"-", ())
        await folder.fold(session_id)
    return session_id
