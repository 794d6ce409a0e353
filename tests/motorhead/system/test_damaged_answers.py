"""Answers from a damaged store: they still follow the protocol and contain everything undamaged."""

from __future__ import annotations

import httpx
import pytest

from motorhead.config import FoldSettings
from motorhead.folding.folder import Folder
from motorhead.metrics import Metrics
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, contents, numbered, wire

ID = b"s"
KEYS = SessionKeys(ID)
GARBAGE = [
    b"not JSON", b'{"role":"Human","content":"cut', b'{"role":"Human","content":"\xff","id":"2","created_at":1}',
    b'{"other":"thing"}', b'1,2', b'', b'[' * 5000,
]  # fmt: skip


async def replace(link: RedisLink, number: int, blob: bytes) -> None:
    """Replace a stored message by ``blob``."""
    entries = await link.execute("XRANGE", KEYS.messages, "-", "+")
    await link.execute("UNLINK", KEYS.messages)
    for entry_id, fields in entries:
        damaged = entry_id == b"%d-0" % number
        await link.execute("XADD", KEYS.messages, entry_id, fields[0], blob if damaged else fields[1])


@pytest.mark.parametrize("blob", GARBAGE, ids=range(len(GARBAGE)))
async def test_a_damaged_message_is_left_out_of_every_answer(
    memory: httpx.AsyncClient, link: RedisLink, blob: bytes
) -> None:
    """Memory and history stay valid JSON with all other messages, and so does the answer after a later turn."""
    await memory.post("/sessions/s/memory", json=wire("a", "b", "c") | {"context": "Known."})
    await replace(link, 2, blob)
    answer = await memory.get("/sessions/s/memory")
    assert (answer.status_code, contents(answer.json()), answer.json()["context"]) == (200, ["a", "c"], "Known.")
    assert contents((await memory.get("/sessions/s/messages")).json()) == ["a", "c"]
    assert (await memory.post("/sessions/s/memory", json=wire("d"))).status_code == 200
    assert contents((await memory.get("/sessions/s/memory")).json()) == ["a", "c", "d"]


@pytest.mark.parametrize("field", ["last", "folded", "kept_from", "weight", "tokens", "fold_version"])
@pytest.mark.parametrize("value", [-5, 10**15, "x"])
async def test_an_invalid_count_is_reported_as_damage(
    memory: httpx.AsyncClient, link: RedisLink, field: str, value: int | str
) -> None:
    """Every call answers a negative or excessive count like any other damage: 503 and what to do."""
    await memory.post("/sessions/s/memory", json=wire(*"abcdefgh"))
    await link.execute("HSET", KEYS.state, field, value)
    for answer in (await memory.get("/sessions/s/memory"), await memory.post("/sessions/s/fold")):
        assert answer.status_code == 503
        assert "fsck --mend" in answer.json()["error"]


async def test_a_damaged_version_is_left_out(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """The other versions are returned; the damaged one is not found."""
    await memory.post("/sessions/s/memory", json=wire("a") | {"context": "One."})
    await link.execute("XADD", KEYS.versions, "2-0", "v", "garbage")
    await memory.post("/sessions/s/memory", json={"messages": [], "context": "Three."})
    answer = (await memory.get("/sessions/s/summaries")).json()
    assert [version["version"] for version in answer["summaries"]] == [3, 1]
    assert (await memory.post("/sessions/s/summaries/2/restore")).status_code == 404
    assert (await memory.post("/sessions/s/summaries/1/restore")).json()["context"] == "One."


async def test_a_fold_goes_on_past_a_damaged_message(link: RedisLink, store: Store) -> None:
    """The messages around it are summarised once, and it stays where it is."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    await replace(link, 3, b"garbage")
    await Folder(store, Leases(link), ObedientSummarizer(), FoldSettings(), Metrics()).fold(ID)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (6, "m0|m1|m3|m4|m5")
    assert await link.execute("XLEN", KEYS.messages) == 13
