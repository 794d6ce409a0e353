"""The call that forks a session."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.kit import contents, idle, wire

FORK = "/sessions/who/fork"


async def post(memory: httpx.AsyncClient, *said: str, **more: Any) -> httpx.Response:
    return await memory.post("/sessions/who/memory", json={**wire(*said), **more})


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, which has a sentence, too."""
    assert answer.json()["error"].endswith(".")
    return answer.status_code, answer.json()["code"]


async def test_a_fork_answers_with_the_memory_as_of_a_message(memory: httpx.AsyncClient) -> None:
    """It has the messages up to there under their ids; the session itself does not change."""
    await post(memory, *(f"m{n}" for n in range(5)))
    before = await memory.get("/sessions/who/memory")
    answer = await memory.post(FORK, json={"through": "3", "to": "new/one ä"})
    assert (answer.status_code, contents(answer.json())) == (200, ["m0", "m1", "m2"])
    assert [message["id"] for message in answer.json()["messages"]] == ["3", "2", "1"]
    assert answer.headers["session-epoch"] not in {"", before.headers["session-epoch"]}
    assert (await memory.get("/sessions/new%2Fone%20%C3%A4/memory")).content == answer.content
    assert (await memory.get("/sessions/who/memory")).content == before.content
    assert (await memory.get("/sessions")).json() == ["who", "new/one ä"]


async def test_a_fork_behind_a_fold_has_the_summary_of_that_place(memory: httpx.AsyncClient) -> None:
    """Of two versions it begins with the one that its last message had; the provenance names the same messages."""
    await post(memory, *(f"m{n}" for n in range(13)))
    await idle(memory, "who")
    await post(memory, "m13", "m14", context="Edited.")
    await memory.post("/sessions/who/fold", json={"through": "14"})
    assert (await idle(memory, "who"))["window"]["folded"] == 14
    answer = (await memory.post(FORK, json={"through": "9", "to": "new"})).json()
    assert (answer["context"], contents(answer)) == ("Edited.", ["m6", "m7", "m8"])
    assert (answer["window"]["folded"], answer["window"]["fold"], answer["tokens"]) == (6, "idle", 0)
    versions, old = [(await memory.get(f"/sessions/{name}/summaries")).json()["summaries"] for name in ("new", "who")]
    assert versions == old[1:]
    assert len((await memory.get("/sessions/new/messages")).json()["messages"]) == 9
    early = (await memory.post(FORK, json={"through": "2", "to": "early"})).json()
    assert (early["context"], contents(early)) == (None, ["m0", "m1"])


async def test_a_fork_can_be_continued_like_any_session(memory: httpx.AsyncClient) -> None:
    """Its next message has the next id, and a fold continues its summary."""
    await post(memory, *(f"m{n}" for n in range(13)))
    await idle(memory, "who")
    await memory.post(FORK, json={"through": "10", "to": "new"})
    await memory.post("/sessions/new/memory", json=wire("other"))
    answer = await idle(memory, "new")
    assert contents(answer) == ["m6", "m7", "m8", "m9", "other"]
    assert answer["messages"][0]["id"] == "11"
    await memory.post("/sessions/new/fold", json={"through": "11"})
    assert (await idle(memory, "new"))["window"]["folded"] == 11
    assert (await memory.post("/sessions/new/summaries/1/restore")).status_code == 200
    await memory.delete("/sessions/new/memory")
    assert len((await idle(memory, "who"))["messages"]) == 7


async def test_the_same_fork_again_changes_nothing(memory: httpx.AsyncClient) -> None:
    """Also after either session has changed, or after the first one was deleted if the request has its epoch."""
    await post(memory, "m0", "m1", "m2")
    epoch = (await memory.get("/sessions/who/memory")).headers["session-epoch"]
    fork = {"through": "2", "to": "new"}
    await memory.post(FORK, json=fork)
    await memory.post("/sessions/new/memory", json=wire("more"))
    await post(memory, replace_after="1")
    again = await memory.post(FORK, json=fork)
    assert (again.status_code, contents(again.json())) == (200, ["m0", "m1", "more"])
    await memory.delete("/sessions/who/memory")
    assert (await memory.post(FORK, json=fork)).status_code == 404
    again = await memory.post(FORK, json=fork, headers={"Session-Epoch": epoch})
    assert (again.status_code, contents(again.json())) == (200, ["m0", "m1", "more"])
    await post(memory, "m0", "m1", "m2")
    assert refusal(await memory.post(FORK, json=fork)) == (409, "exists"), "of a later session with the same id"


async def test_a_fork_is_refused_with_a_reason(memory: httpx.AsyncClient) -> None:
    """404, 409 or 412, and nothing is stored."""
    await post(memory, "m0", "m1", "m2", "m3")
    await post(memory, replace_after="3")
    await memory.post("/sessions/other/memory", json=wire("mine"))
    unknown = await memory.post("/sessions/nobody/fork", json={"through": "1", "to": "new"})
    assert unknown.status_code == 404
    for through in ("0", "4", "9"):
        answer = await memory.post(FORK, json={"through": through, "to": "new"})
        assert refusal(answer) == (412, "no_such_message")
    gone = await memory.post(FORK, json={"through": "1", "to": "new"}, headers={"Session-Epoch": "x"})
    assert refusal(gone) == (412, "gone")
    for to in ("other", "who"):
        assert refusal(await memory.post(FORK, json={"through": "1", "to": to})) == (409, "exists")
    assert (await memory.get("/sessions")).json() == ["who", "other"]
    assert contents((await memory.get("/sessions/other/memory")).json()) == ["mine"]


@pytest.mark.parametrize(
    "body",
    [{"through": "x", "to": "a"}, {"through": "1"}, {"to": "a"}, {"through": "1", "to": ""}, {},
     {"through": "1", "to": "ä" * 1024}, {"through": "1", "to": "a", "namespace": "ä" * 1024},
     {"through": "1", "to": "a", "other": 1}],
)  # fmt: skip
async def test_an_invalid_fork_is_refused(memory: httpx.AsyncClient, body: dict[str, Any]) -> None:
    """400 with a sentence."""
    await post(memory, "m0")
    answer = await memory.post(FORK, json=body)
    assert (answer.status_code, answer.json()["error"][-1]) == (400, ".")
    assert (await memory.get("/sessions")).json() == ["who"]


async def test_a_fork_takes_the_details_along_but_not_the_pin(memory: httpx.AsyncClient) -> None:
    """Title, instructions and metadata are those of the session; it is listed in its namespace, or another one."""
    await memory.post("/sessions/who/memory?namespace=team", json=wire("hi im bob", "hello"))
    details = {"title": "Bob", "metadata": {"labels": ["a"]}, "instructions": "In Spanish."}
    await memory.patch("/sessions/who", json={**details, "pinned": True})
    await memory.post(FORK, json={"through": "1", "to": "new"})
    await memory.post(FORK, json={"through": "1", "to": "else", "namespace": "other"})
    for name, namespace in (("new", "team"), ("else", "other")):
        found = (await memory.get(f"/sessions?details=true&order=newest&namespace={namespace}")).json()[0]
        assert {key: found[key] for key in ("id", "pinned", "messages", *details)} == {
            "id": name, "pinned": False, "messages": 1, **details,
        }  # fmt: skip
    await memory.patch("/sessions/new", json={"title": None})
    assert (await memory.get("/sessions/new")).json()["title"] == "hi im bob"
    assert (await memory.get("/sessions/who")).json()["pinned"] is True
    assert (await memory.get("/namespaces")).json() == ["other", "team"]
