"""Versions of the summary: going back to one, and what they cost."""

from __future__ import annotations

import httpx
import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import Conflict, NotFound
from motorhead.folding.folder import Folder
from motorhead.metrics import Metrics
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, contents, idle, numbered, wire

ID = b"s"


@pytest.fixture
async def versions(store: Store, link: RedisLink) -> Versions:
    """A session with versions 1 (m0-m6) and 2 (m0-m13) and six messages in the window."""
    folder = Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics())
    for start, count in ((0, 13), (13, 7)):
        await store.append(ID, numbered(start, count), None, b"-", ())
        await folder.fold(ID)
    return Versions(link, store, (1.0, 2.0))


async def told(store: Store) -> list[str]:
    found = await store.window(ID, 30)
    assert found is not None
    state, blobs = found
    window = await store.messages(ID, state.folded + 1, state.last, 100)
    assert len(blobs) == len(window)
    return [*(state.context or "").split("|"), *(message.content for message in window)]


async def test_going_back_moves_the_watermark_too(versions: Versions, store: Store) -> None:
    """After a restore the summary is the old one, and what it does not tell is in the window again."""
    await versions.restore(ID, 1)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (7, "|".join(f"m{n}" for n in range(7)))
    assert await told(store) == [f"m{n}" for n in range(20)]
    newest = (await versions.page(ID, None, 1))[0]
    assert (newest.version, newest.source, newest.through) == (3, "restore", "7")


async def test_going_forward_again_is_going_back_to_a_newer_version(versions: Versions, store: Store) -> None:
    """A version that was left can be returned to, and still everything is told once."""
    await versions.restore(ID, 1)
    await versions.restore(ID, 2)
    assert await told(store) == [f"m{n}" for n in range(20)]


async def test_a_session_that_begins_anew_meanwhile_gets_no_old_summary(link: RedisLink, store: Store) -> None:
    """A version of what was deleted is not committed under the new session's epoch."""

    class Meddled(Store):
        """Deletes the session, and begins it anew, right after its state was read."""

        async def state(self, session_id: bytes) -> State | None:
            state = await super().state(session_id)
            if state is not None and state.context == "old":
                await self.delete(session_id)
                await self.append(session_id, numbered(0, 1), "new", b"-", ())
            return state

    await store.append(ID, numbered(0, 1), "old", b"-", ())
    await Versions(link, Meddled(link), None).restore(ID, 1)
    found = await store.state(ID)
    assert found is not None
    assert found.context == "new"


async def test_a_version_that_is_not_there_is_not_found(versions: Versions) -> None:
    """An unknown version, or session, is told as such."""
    for session, number in ((ID, 3), (ID, 0), (b"nobody", 1)):
        with pytest.raises(NotFound):
            await versions.restore(session, number)


async def test_what_was_dropped_cannot_be_told_again(versions: Versions, link: RedisLink) -> None:
    """A version is refused when messages above its watermark were dropped for their age."""
    await link.execute("HSET", SessionKeys(ID).state, "kept_from", 10)
    with pytest.raises(Conflict, match="dropped"):
        await versions.restore(ID, 1)
    await versions.restore(ID, 2)


async def test_what_was_spent_is_added_up_and_priced(versions: Versions) -> None:
    """Prompt and completion tokens are counted apart and priced by the million."""
    spent = await versions.spent(ID)
    assert (spent.prompt_tokens, spent.completion_tokens) == (20, 10)
    assert spent.cost == pytest.approx(40 / 1_000_000)


async def test_restore_over_http_answers_with_the_memory(memory: httpx.AsyncClient) -> None:
    """POST restore answers with the memory as it then is; with an unknown version 404."""
    await memory.post("/sessions/a/memory", json=wire("x", "y") | {"context": "First."})
    await memory.post("/sessions/a/memory", json={"messages": [], "context": "Second."})
    answer = await memory.post("/sessions/a/summaries/1/restore")
    assert (answer.status_code, answer.json()["context"]) == (200, "First.")
    assert contents(await idle(memory, "a")) == ["x", "y"]
    assert (await memory.post("/sessions/a/summaries/9/restore")).status_code == 404
    assert (await memory.post("/sessions/a/summaries/x/restore")).status_code == 400
    answer = await memory.get("/sessions/a/summaries")
    told = {"version", "context", "created_at", "source", "folded", "through", "tokens"}
    assert all(set(version) == told for version in answer.json()["summaries"])
    spent = answer.json()["spent"]
    assert spent == {"prompt_tokens": 0, "completion_tokens": 0, "cost": None}
