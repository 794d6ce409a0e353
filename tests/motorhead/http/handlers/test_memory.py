"""The calls about a session's memory: what an append stores, and what a later read returns."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from motorhead.store.keys import SessionKeys
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.support.kit import contents, idle, keys_left, until, wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, running, start_memory_server

WHO = "/sessions/who/memory"


async def test_messages_carry_dense_ids_and_times_in_milliseconds(memory: httpx.AsyncClient) -> None:
    """Each message has its number in the session, as text, and the time at which it was accepted."""
    before = (await memory.get("/")).json()["now"]
    await memory.post(WHO, json=wire("a", "b"))
    await memory.post(WHO, json=wire("c"))
    messages = (await memory.get(WHO)).json()["messages"]
    assert [message["id"] for message in messages] == ["3", "2", "1"]
    assert all(abs(message["created_at"] - before) < 60_000 * PATIENCE for message in messages)


async def test_the_window_says_how_full_it_is_and_when_it_was_folded(memory: httpx.AsyncClient) -> None:
    """Before any fold the count is 0; after a fold, the window shows count and time."""
    await memory.post(WHO, json=wire("a", "b"))
    window = (await memory.get(WHO)).json()["window"]
    assert window == {"size": 12, "folded": 0, "folded_at": None, "fold": "idle", "reason": None, "dropped": 0}
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(11))))
    window = (await idle(memory, "who"))["window"]
    assert window["folded"] == 6
    assert window["folded_at"] is not None


async def test_a_tag_spares_the_memory_until_it_changes(memory: httpx.AsyncClient) -> None:
    """If-None-Match with the present tag is answered 304 without a body; after an append, with the memory."""
    await memory.post(WHO, json=wire("a", "b"))
    first = await memory.get(WHO)
    again = await memory.get(WHO, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers.get("content-length")) == (304, b"", None)
    assert again.headers["etag"] == first.headers["etag"]
    await memory.post(WHO, json=wire("c"))
    changed = await memory.get(WHO, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_an_unknown_session_has_no_epoch_and_a_deleted_one_another(memory: httpx.AsyncClient) -> None:
    """There is no epoch before the first append; appends keep it, and after a deletion it is a new one."""
    assert "session-epoch" not in (await memory.get(WHO)).headers
    first = (await memory.post(WHO, json=wire("a"))).headers["session-epoch"]
    assert (await memory.get(WHO)).headers["session-epoch"] == first
    await memory.delete(WHO)
    assert (await memory.post(WHO, json=wire("a"))).headers["session-epoch"] != first


async def test_an_append_for_a_deleted_session_is_refused(memory: httpx.AsyncClient) -> None:
    """An append with the epoch of a deleted session is answered 412 and writes nothing."""
    epoch = (await memory.post(WHO, json=wire("a"))).headers["session-epoch"]
    assert (await memory.post(WHO, json=wire("b"), headers={"Session-Epoch": epoch})).status_code == 200
    await memory.delete(WHO)
    late = await memory.post(WHO, json=wire("c"), headers={"Session-Epoch": epoch})
    assert late.status_code == 412
    assert "deleted" in late.json()["error"]
    assert (await memory.get(WHO)).json()["messages"] == []
    assert (await memory.get("/sessions")).json() == []


async def test_an_idempotency_key_appends_once(memory: httpx.AsyncClient) -> None:
    """An append repeated under the same key is stored once, regardless of the client and the number of repetitions."""
    headers = {"Idempotency-Key": "turn-1"}
    answers = await asyncio.gather(*(memory.post(WHO, json=wire("a", "b"), headers=headers) for _ in range(5)))
    assert [answer.json() for answer in answers] == [{"status": "Ok"}] * 5
    assert contents((await memory.get(WHO)).json()) == ["a", "b"]


@pytest.mark.parametrize(("said", "key"), [("ab", "turn-1"), ("abc", None)])
async def test_the_messages_of_a_turn_name_its_key(memory: httpx.AsyncClient, said: str, key: str | None) -> None:
    """Those of a larger append do not: together they are no turn."""
    await memory.post(WHO, json=wire(*said), headers={"Idempotency-Key": "turn-1"})
    messages = (await memory.get(WHO)).json()["messages"]
    assert [message.get("key") for message in messages] == [key] * len(said)


async def test_an_idempotency_key_with_another_body_is_a_conflict(memory: httpx.AsyncClient) -> None:
    """A key that was used for other messages is answered 409, and nothing is written."""
    await memory.post(WHO, json=wire("a"), headers={"Idempotency-Key": "turn-1"})
    other = await memory.post(WHO, json=wire("b"), headers={"Idempotency-Key": "turn-1"})
    assert other.status_code == 409
    assert "Idempotency-Key" in other.json()["error"]
    assert contents((await memory.get(WHO)).json()) == ["a"]


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b'{"messages":[{"role":1,"content":"x"}]}', b'{"messages":null}', b'"\xff"',
     b'{"messages":[{"role":"Human","content":"\\ud800"}]}', b'{"x":' + b"[" * 5000 + b"]" * 5000 + b',"messages":[]}'],
)  # fmt: skip
async def test_a_bad_body_gets_a_sentence_and_stores_nothing(memory: httpx.AsyncClient, body: bytes) -> None:
    """Any invalid body is answered 400 in valid JSON, and no session is created."""
    response = await memory.post(WHO, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["error"]
    assert "session-epoch" not in (await memory.get(WHO)).headers


@pytest.mark.parametrize(
    "headers", [{"Idempotency-Key": "x" * 201}, {"Session-Epoch": "\x7f"}, {"Idempotency-Key": "a b"}]
)
async def test_a_header_that_names_nothing_gets_a_sentence(memory: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """A key or epoch that is too long or unprintable is answered 400."""
    assert (await memory.post(WHO, json=wire("a"), headers=headers)).status_code == 400


async def test_without_a_model_nothing_is_lost_and_the_reason_is_shown(redis_url: str, tmp_path: Path) -> None:
    """Without a model the server runs, and the window grows and shows why it is not folded."""
    with running(start_memory_server(redis_url, tmp_path / "log")) as server:
        async with client_of(server) as client:
            await client.post(WHO, json=wire(*(f"m{n}" for n in range(30))))
            answer = (await client.get(WHO)).json()
            assert contents(answer) == [f"m{n}" for n in range(30)]
            assert answer["window"]["fold"] == "parked"
            assert "OPENAI_API_KEY" in answer["window"]["reason"]
            assert (await client.post("/sessions/who/fold")).status_code == 503


async def test_with_folding_off_the_newest_window_is_answered(
    redis_url: str, tmp_path: Path, summary_model: ScriptedOpenAI
) -> None:
    """With folding disabled, the memory is the newest window, the rest is in the history, and fold now is refused."""
    settings = {"MOTORHEAD_FOLD": "off", "MOTORHEAD_MAX_WINDOW_SIZE": "4", "OPENAI_BASE_URL": summary_model.url}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            await client.post(WHO, json=wire(*(f"m{n}" for n in range(9))))
            answer = (await client.get(WHO)).json()
            assert contents(answer) == ["m5", "m6", "m7", "m8"]
            assert answer["window"]["fold"] == "off"
            refused = await client.post("/sessions/who/fold")
            assert (refused.status_code, "MOTORHEAD_FOLD" in refused.json()["error"]) == (400, True)
            assert (await client.get(WHO)).json() == answer
            assert len((await client.get("/sessions/who/messages")).json()["messages"]) == 9


async def test_a_failing_model_is_shown_and_changes_the_tag(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """While the model fails, the window is kept and the reason is shown under a new tag; later the window is folded."""
    tagged, gate = Gate(), Gate()
    summary_model.enqueue(Reply(status=500, gate=tagged), Reply(status=500), Reply("Late.", gate=gate))
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(13))))
    tag = (await memory.get(WHO)).headers["etag"]
    tagged.release()

    async def said_why() -> bool:
        response = await memory.get(WHO, headers={"If-None-Match": tag})
        return response.status_code == 200 and response.json()["window"]["reason"] is not None

    await until(said_why)
    await gate.reached()
    answer = (await memory.get(WHO)).json()
    assert answer["window"]["fold"] == "pending"
    assert answer["window"]["reason"] == "The summary model fails (status 500)."
    assert len(answer["messages"]) == 13
    gate.release()
    assert (await idle(memory, "who"))["window"]["reason"] is None


async def test_appends_by_many_at_once_are_all_there_in_a_dense_order(memory: httpx.AsyncClient) -> None:
    """Forty concurrent writers to one session store every message once, numbered without gaps."""
    await asyncio.gather(*(memory.post(WHO, json=wire(f"q{n}", f"a{n}")) for n in range(40)))
    page = (await memory.get("/sessions/who/messages?limit=200")).json()["messages"]
    assert [int(message["id"]) for message in reversed(page)] == list(range(1, 81))
    assert sorted(message["content"] for message in page) == sorted(f"{c}{n}" for n in range(40) for c in "qa")


async def test_ids_with_braces_are_sessions_of_their_own(memory: httpx.AsyncClient) -> None:
    """Braces and percent signs in ids, which have a meaning in Redis or in URLs, do not mix sessions up."""
    ids = ["{a}", "a", "%7Ba%7D", "}{", "{", "{}", "a}b"]
    for number, name in enumerate(ids):
        await memory.post(f"/sessions/{_quoted(name)}/memory", json=wire(f"of {number}"))
    for number, name in enumerate(ids):
        assert contents((await memory.get(f"/sessions/{_quoted(name)}/memory")).json()) == [f"of {number}"]
    assert sorted((await memory.get("/sessions")).json()) == sorted(ids)


async def test_any_text_survives(memory: httpx.AsyncClient) -> None:
    """Roles and contents are returned as they were sent, whatever characters they contain."""
    texts = ["", "\x00", "\u2028", '"}', "\\", "🤘", "\n\r\t", "a: b", "NONE", "</script>"]
    body = {"messages": [{"role": text, "content": text} for text in texts]}
    response = await memory.post(WHO, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    back = (await memory.get(WHO)).json()["messages"]
    assert [(m["role"], m["content"]) for m in reversed(back)] == [(text, text) for text in texts]


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


async def test_limits_are_answered_with_a_sentence(redis_url: str, tmp_path: Path) -> None:
    """Settings limit appends per minute, and the length of a message with its role, of a context and of a body."""
    settings = {
        "MOTORHEAD_APPENDS_PER_MINUTE": "2",
        "MOTORHEAD_MAX_MESSAGE_BYTES": "10",
        "MOTORHEAD_MAX_BODY_BYTES": "2000",
    }
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            sentence = "A message, its role included, has at most 10 bytes."
            for body in (wire("ü" * 3), {"messages": [{"role": "x" * 11, "content": ""}]}):
                too_long = await client.post("/sessions/a/memory", json=body)
                assert (too_long.status_code, too_long.json()["error"]) == (413, sentence)
            too_much = await client.post("/sessions/a/memory", json={"messages": [], "context": "ü" * 6})
            assert (too_much.status_code, too_much.json()["error"]) == (413, "A context has at most 10 bytes.")
            too_big = await client.post("/sessions/a/memory", json=wire(*["x"] * 100))
            assert too_big.status_code == 413
            statuses = [(await client.post("/sessions/a/memory", json=wire("x"))).status_code for _ in range(2)]
            assert statuses == [200, 200]
            refused = await client.post("/sessions/a/memory", json=wire("x"))
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert (await client.post("/sessions/b/memory", json=wire("x"))).status_code == 200


async def test_no_allowance_is_kept_of_a_session_that_is_not_there(
    redis_url: str, tmp_path: Path, link: RedisLink
) -> None:
    """After a deletion, appends that are too late, empty or malformed leave no key of the session behind."""
    path, settings = "/sessions/gone/memory", {"MOTORHEAD_APPENDS_PER_MINUTE": "50"}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            epoch = (await client.post(path, json=wire("x"))).headers["session-epoch"]
            assert await link.execute("EXISTS", SessionKeys(b"gone").rate) == 1
            await client.delete(path)
            late = [
                await client.post(path, json=wire("x"), headers={"Session-Epoch": epoch}),
                await client.post(path, json=wire("x"), headers={"Idempotency-Key": "x" * 201}),
                await client.post(path, json=wire()),
            ]
            assert [answer.status_code for answer in late] == [412, 400, 200]
            assert await keys_left(link) == []
