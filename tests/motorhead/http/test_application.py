"""The HTTP surface: each call's contract, and a sentence for each bad request."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.motorhead.conftest import client_of
from tests.support.kit import contents, idle, until, wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Server, running, start_memory_server

WHO = "/sessions/who/memory"


async def test_messages_carry_dense_ids_and_times_in_milliseconds(memory: httpx.AsyncClient) -> None:
    """Each message is answered with its number in the session, as text, and when it was accepted."""
    before = (await memory.get("/")).json()["now"]
    await memory.post(WHO, json=wire("a", "b"))
    await memory.post(WHO, json=wire("c"))
    messages = (await memory.get(WHO)).json()["messages"]
    assert [message["id"] for message in messages] == ["3", "2", "1"]
    assert all(abs(message["created_at"] - before) < 60_000 * PATIENCE for message in messages)


async def test_the_window_says_how_full_it_is_and_when_it_was_folded(memory: httpx.AsyncClient) -> None:
    """Before any fold nothing is folded; after one, the count and the time are there."""
    await memory.post(WHO, json=wire("a", "b"))
    window = (await memory.get(WHO)).json()["window"]
    assert window == {"size": 12, "folded": 0, "folded_at": None, "fold": "idle", "reason": None, "dropped": 0}
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(11))))
    window = (await idle(memory, "who"))["window"]
    assert window["folded"] == 7
    assert window["folded_at"] is not None


async def test_a_tag_spares_the_memory_until_it_changes(memory: httpx.AsyncClient) -> None:
    """If-None-Match with the present tag is answered 304 without a body; after an append the memory comes again."""
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
    """The epoch is absent before the first append, stays through appends and is new after a deletion."""
    assert "session-epoch" not in (await memory.get(WHO)).headers
    first = (await memory.post(WHO, json=wire("a"))).headers["session-epoch"]
    assert (await memory.get(WHO)).headers["session-epoch"] == first
    await memory.delete(WHO)
    assert (await memory.post(WHO, json=wire("a"))).headers["session-epoch"] != first


async def test_an_append_for_a_deleted_session_is_refused(memory: httpx.AsyncClient) -> None:
    """An append that names the epoch it loaded is answered 412 once the session is gone, and writes nothing."""
    epoch = (await memory.post(WHO, json=wire("a"))).headers["session-epoch"]
    assert (await memory.post(WHO, json=wire("b"), headers={"Session-Epoch": epoch})).status_code == 200
    await memory.delete(WHO)
    late = await memory.post(WHO, json=wire("c"), headers={"Session-Epoch": epoch})
    assert late.status_code == 412
    assert "deleted" in late.json()["error"]
    assert (await memory.get(WHO)).json()["messages"] == []
    assert (await memory.get("/sessions")).json() == []


async def test_an_idempotency_key_appends_once(memory: httpx.AsyncClient) -> None:
    """The same append under the same key is there once, whoever repeats it and however often."""
    headers = {"Idempotency-Key": "turn-1"}
    answers = await asyncio.gather(*(memory.post(WHO, json=wire("a", "b"), headers=headers) for _ in range(5)))
    assert [answer.json() for answer in answers] == [{"status": "Ok"}] * 5
    assert contents((await memory.get(WHO)).json()) == ["a", "b"]


async def test_an_idempotency_key_with_another_body_is_a_conflict(memory: httpx.AsyncClient) -> None:
    """A key that was used for other messages is answered 409 and nothing is written."""
    await memory.post(WHO, json=wire("a"), headers={"Idempotency-Key": "turn-1"})
    other = await memory.post(WHO, json=wire("b"), headers={"Idempotency-Key": "turn-1"})
    assert other.status_code == 409
    assert "Idempotency-Key" in other.json()["error"]
    assert contents((await memory.get(WHO)).json()) == ["a"]


async def test_history_reaches_back_through_what_was_folded(memory: httpx.AsyncClient) -> None:
    """Page by page, newest first, every message ever said comes back; the last page has no way on."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(25))))
    await idle(memory, "who")
    found: list[str] = []
    before: str | None = ""
    while before is not None:
        query = f"?limit=10{f'&before={before}' if before else ''}"
        page = (await memory.get(f"/sessions/who/messages{query}")).json()
        found += [message["content"] for message in page["messages"]]
        before = page["before"]
    assert found == [f"m{n}" for n in reversed(range(25))]


async def test_summaries_say_which_messages_each_folded(memory: httpx.AsyncClient) -> None:
    """Versions come newest first, each with the ids it took in and the tokens it cost."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(13))))
    await idle(memory, "who")
    await memory.post(WHO, json={"messages": [], "context": "Corrected."})
    versions = (await memory.get("/sessions/who/summaries")).json()["summaries"]
    assert [(v["version"], v["source"], v["context"]) for v in versions] == [
        (2, "client", "Corrected."),
        (1, "fold", "Bob told what he likes."),
    ]
    assert versions[1]["folded"] == {"from": "1", "to": "7", "count": 7}
    assert versions[1]["tokens"] > 0


async def test_fold_now_leaves_half_a_window(memory: httpx.AsyncClient) -> None:
    """A fold on demand folds what lies above half the window and answers with the memory after it."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    answer = await memory.post("/sessions/who/fold")
    assert answer.status_code == 200
    assert contents(answer.json()) == ["m4", "m5", "m6", "m7", "m8", "m9"]
    assert answer.json()["context"] == "Bob told what he likes."


async def test_fold_now_says_when_the_model_fails(memory: httpx.AsyncClient, summary_model: ScriptedOpenAI) -> None:
    """When the model refuses, the answer is 503 with a sentence and the memory is as it was."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    summary_model.enqueue(Reply(status=401))
    answer = await memory.post("/sessions/who/fold")
    assert answer.status_code == 503
    assert "OPENAI_API_KEY" in answer.json()["error"]
    assert len((await memory.get(WHO)).json()["messages"]) == 10


async def test_a_fold_under_way_is_a_conflict_for_fold_now(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """While a fold of the session is under way, a fold on demand is answered 409."""
    gate = Gate()
    summary_model.enqueue(Reply("Slowly.", gate=gate))
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(13))))
    await gate.reached()
    assert (await memory.get(WHO)).json()["window"]["fold"] == "pending"
    refused = await memory.post("/sessions/who/fold")
    assert (refused.status_code, "another fold" in refused.json()["error"]) == (409, True)
    gate.release()
    assert (await idle(memory, "who"))["context"] == "Slowly."


async def test_details_tell_what_a_list_shows(memory: httpx.AsyncClient) -> None:
    """A listing with details has title, count and times; newest first on request."""
    await memory.post("/sessions/one/memory?namespace=n1", json=wire("  hi   im bob\n" + "word " * 30, "hello"))
    await memory.post("/sessions/two/memory?namespace=n1", json=wire("second"))
    rows = (await memory.get("/sessions?namespace=n1&details=true&order=newest")).json()
    assert [row["id"] for row in rows] == ["two", "one"]
    assert rows[1]["title"].startswith("hi im bob word")
    assert len(rows[1]["title"]) <= 61
    assert rows[1]["messages"] == 2
    assert rows[1]["created_at"] <= rows[1]["updated_at"]
    assert (await memory.get("/sessions?namespace=n1")).json() == ["one", "two"]


async def test_a_session_without_messages_has_no_title(memory: httpx.AsyncClient) -> None:
    """A session that only holds a context is listed without a title."""
    await memory.post(WHO, json={"messages": [], "context": "Known before."})
    assert (await memory.get("/sessions?details=true")).json()[0]["title"] is None


async def test_namespaces_are_those_that_hold_sessions(memory: httpx.AsyncClient) -> None:
    """A namespace appears with its first session and disappears with its last."""
    await memory.post("/sessions/x/memory?namespace=held", json=wire("a"))
    await memory.post("/sessions/y/memory?namespace=emptied", json=wire("a"))
    await memory.post("/sessions/z/memory", json=wire("a"))
    await memory.delete("/sessions/y/memory")
    assert (await memory.get("/namespaces")).json() == ["held"]


async def test_deletion_takes_the_session_off_every_listing(memory: httpx.AsyncClient) -> None:
    """A session that was used in several namespaces goes from all of them, whichever the deletion names."""
    for namespace in ("", "?namespace=red", "?namespace=blue"):
        await memory.post(f"/sessions/both/memory{namespace}", json=wire("a"))
    await memory.delete("/sessions/both/memory?namespace=red")
    for namespace in ("", "?namespace=red", "?namespace=blue"):
        assert (await memory.get(f"/sessions{namespace}")).json() == []


@pytest.mark.parametrize(
    "path",
    ["/sessions?page=0", "/sessions?size=1001", "/sessions?size=%ff", "/sessions?details=yes", "/sessions?order=up",
     "/sessions/a/messages?limit=0", "/sessions/a/messages?limit=201", "/sessions/a/messages?before=x",
     "/sessions/a/summaries?before=-1", "/sessions/%ff/memory", "/sessions/" + "x" * 1025 + "/memory"],
)  # fmt: skip
async def test_a_bad_parameter_gets_a_sentence(memory: httpx.AsyncClient, path: str) -> None:
    """A parameter that cannot be used is answered 400 with a sentence in JSON."""
    response = await memory.get(httpx.URL(str(memory.base_url).rstrip("/") + path))
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b'{"messages":[{"role":1,"content":"x"}]}', b'{"messages":null}', b'"\xff"',
     b'{"messages":[{"role":"Human","content":"\\ud800"}]}', b'{"x":' + b"[" * 5000 + b"]" * 5000 + b',"messages":[]}'],
)  # fmt: skip
async def test_a_bad_body_gets_a_sentence_and_stores_nothing(memory: httpx.AsyncClient, body: bytes) -> None:
    """Whatever is wrong with a body, the answer is 400 with valid JSON, and the session stays unknown."""
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


async def test_a_token_opens_every_call_but_the_watchmens(
    redis_url: str, summary_model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """With a token configured, calls without it are answered 401; `/` stays open."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_TOKEN": "s3cret"}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            assert (await client.get("/")).status_code == 200
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert (await client.get(WHO, headers={"Authorization": "Bearer wrong"})).status_code == 401
            assert (await client.get(WHO, headers={"Authorization": "Basic s3cret"})).status_code == 401
            for scheme in ("Bearer", "bearer", "BEARER"):
                assert (await client.get(WHO, headers={"Authorization": f"{scheme} s3cret"})).status_code == 200


async def test_without_a_model_nothing_is_lost_and_the_reason_is_shown(redis_url: str, tmp_path: Path) -> None:
    """With no model configured the server runs, the window grows, and says why it is not folded."""
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
    """With the fold switched off the memory is the newest window, the rest is in the history; no fold on demand."""
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


async def test_a_failing_model_is_told_apart_and_changes_the_tag(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """While the model fails the window stays whole, the reason is shown under a new tag, and later it is folded."""
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


async def test_a_lost_store_is_answered_503_and_found_again(tmp_path: Path, valkey: Server) -> None:
    """While Redis is away every call is answered 503 with Retry-After; when it is back, so is the memory."""
    from tests.support.servers import start_valkey

    folder = tmp_path / "own"
    folder.mkdir()
    own = start_valkey(folder)
    port = int(own.url.rsplit(":", 1)[1])
    with running(start_memory_server(own.url, tmp_path / "log")) as server:
        async with client_of(server) as client:
            await client.post(WHO, json=wire("kept"))
            own.kill()
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert "Redis" in refused.json()["error"]
            with running(start_valkey(folder, port)):

                async def back() -> bool:
                    return (await client.get(WHO)).status_code == 200

                await until(back)
                assert contents((await client.get(WHO)).json()) == ["kept"]


async def test_appends_by_many_at_once_are_all_there_in_a_dense_order(memory: httpx.AsyncClient) -> None:
    """Forty writers on one session leave every message once, numbered without a gap."""
    await asyncio.gather(*(memory.post(WHO, json=wire(f"q{n}", f"a{n}")) for n in range(40)))
    page = (await memory.get("/sessions/who/messages?limit=200")).json()["messages"]
    assert [int(message["id"]) for message in reversed(page)] == list(range(1, 81))
    assert sorted(message["content"] for message in page) == sorted(f"{c}{n}" for n in range(40) for c in "qa")


async def test_ids_with_braces_are_sessions_of_their_own(memory: httpx.AsyncClient) -> None:
    """Braces and percent signs in an id, which Redis gives a meaning, do not mix two sessions up."""
    ids = ["{a}", "a", "%7Ba%7D", "}{", "{", "{}", "a}b"]
    for number, name in enumerate(ids):
        await memory.post(f"/sessions/{_quoted(name)}/memory", json=wire(f"of {number}"))
    for number, name in enumerate(ids):
        assert contents((await memory.get(f"/sessions/{_quoted(name)}/memory")).json()) == [f"of {number}"]
    assert sorted((await memory.get("/sessions")).json()) == sorted(ids)


async def test_any_text_survives(memory: httpx.AsyncClient) -> None:
    """Roles and contents come back as they were sent, whatever characters they hold."""
    texts = ["", "\x00", "\u2028", '"}', "\\", "🤘", "\n\r\t", "a: b", "NONE", "</script>"]
    body = {"messages": [{"role": text, "content": text} for text in texts]}
    response = await memory.post(WHO, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    back = (await memory.get(WHO)).json()["messages"]
    assert [(m["role"], m["content"]) for m in reversed(back)] == [(text, text) for text in texts]


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


async def test_a_namespace_has_a_length(memory: httpx.AsyncClient) -> None:
    """One of 1,024 bytes is taken, of a longer one every call that names it says so, and nothing is stored."""
    most = "é" * 512
    assert (await memory.post(f"/sessions/s/memory?namespace={most}", json=wire("x"))).status_code == 200
    assert (await memory.get(f"/sessions?namespace={most}")).json() == ["s"]
    for call in (
        memory.post(f"/sessions/t/memory?namespace={most}a", json=wire("x")),
        memory.delete(f"/sessions/s/memory?namespace={most}a"),
        memory.get(f"/sessions?namespace={most}a"),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["error"]) == (400, "A namespace has at most 1024 bytes.")
    assert (await memory.get("/namespaces")).json() == [most]
    assert (await memory.get("/sessions/t/memory")).json()["messages"] == []
