"""Redis's error replies, as clients see them."""

from __future__ import annotations

import httpx
import pytest

from motorhead.store.keys import SessionKeys
from motorhead.store.redis_errors import DAMAGED, FULL_DISK, USUAL, WRONG_KIND, code_of, for_client, refusal
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import wire

STATE = SessionKeys(b"s").state


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("WRONGTYPE Operation against a key holding the wrong kind of value", WRONG_KIND),
        ("DAMAGED " + DAMAGED, DAMAGED),
        (
            "READONLY You can't write against a read only replica.",
            "READONLY You can't write against a read only replica.",
        ),
    ],
)
def test_a_report_of_damage_becomes_a_sentence(answer: str, sentence: str) -> None:
    """Refusals by our scripts and keys of the wrong type get our sentences; other errors keep Redis's words."""
    assert str(refusal(answer)) == sentence


async def test_a_redis_that_refuses_writes_is_reported_in_a_sentence(
    memory: httpx.AsyncClient, link: RedisLink
) -> None:
    """A client is given our sentence, not Redis's."""
    for setting, word in (("maxmemory", "OOM"), ("min-replicas-to-write", "NOREPLICAS")):
        await link.execute("CONFIG", "SET", setting, "1")
        try:
            answer = await memory.post("/sessions/s/memory", json=wire("a"))
        finally:
            await link.execute("CONFIG", "SET", setting, "0")
        assert (answer.status_code, answer.json()["error"]) == (503, USUAL[word])
        assert answer.json().get("code") == {"OOM": "store_full"}.get(word)


def test_a_full_disk_is_named() -> None:
    """Redis quotes the system's error."""
    answer = "MISCONF Errors writing to the AOF file: No space left on device"
    assert for_client(refusal(answer)) == FULL_DISK
    assert code_of(refusal(answer)) == "disk_full"
    assert for_client(refusal("MISCONF Errors writing to the AOF file: Input/output error")) == USUAL["MISCONF"]


def test_other_answers_are_passed_on_unchanged() -> None:
    """Our own sentences, and errors of Redis without one of ours, are not changed."""
    assert for_client(StoreUnavailable("BUSY is no word here.")) == "BUSY is no word here."
    assert for_client(refusal("DAMAGED " + DAMAGED)) == DAMAGED
    assert for_client(refusal("ERR unknown")) == "ERR unknown"


@pytest.mark.parametrize(
    "commands",
    [
        [("HSET", STATE, "last", "abc")],
        [("UNLINK", STATE), ("RPUSH", STATE, "x")],
        [("UNLINK", SessionKeys(b"s").messages), ("SET", SessionKeys(b"s").messages, "x")],
    ],
)
async def test_a_damaged_session_is_reported_in_a_sentence(
    memory: httpx.AsyncClient, link: RedisLink, commands: list[tuple[str | bytes, ...]]
) -> None:
    """Reading and writing it is answered 503 with a sentence, other sessions are served, and it can be deleted."""
    await memory.post("/sessions/s/memory", json=wire("a"))
    await link.pipeline(*commands)
    for answer in (
        await memory.get("/sessions/s/memory"),
        await memory.post("/sessions/s/memory", json=wire("b") | {"context": "c"}),
    ):
        assert (answer.status_code, answer.json()["error"] in {DAMAGED, WRONG_KIND}) == (503, True)
    assert (await memory.post("/sessions/other/memory", json=wire("a"))).status_code == 200
    assert set((await memory.get("/sessions")).json()) == {"s", "other"}
    assert (await memory.delete("/sessions/s/memory")).status_code == 200
    assert (await memory.get("/sessions/s/memory")).json()["messages"] == []
