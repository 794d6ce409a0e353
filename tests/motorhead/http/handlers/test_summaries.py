"""The calls about a session's summary: listing versions, folding now, restoring."""

from __future__ import annotations

import httpx

from tests.support.kit import contents, idle, wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI

WHO = "/sessions/who/memory"


async def test_summaries_say_which_messages_each_folded(memory: httpx.AsyncClient) -> None:
    """Versions are listed newest first, each with the ids of its messages and the tokens it took."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(13))))
    await idle(memory, "who")
    await memory.post(WHO, json={"messages": [], "context": "Corrected."})
    versions = (await memory.get("/sessions/who/summaries")).json()["summaries"]
    assert [(v["version"], v["source"], v["context"]) for v in versions] == [
        (2, "client", "Corrected."),
        (1, "fold", "Bob told what he likes."),
    ]
    assert versions[1]["folded"] == {"from": "1", "to": "6", "count": 6}
    assert versions[1]["tokens"] > 0


async def test_fold_now_leaves_half_a_window(memory: httpx.AsyncClient) -> None:
    """A fold on demand folds down to half the window and answers with the resulting memory."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    answer = await memory.post("/sessions/who/fold")
    assert answer.status_code == 200
    assert contents(answer.json()) == ["m4", "m5", "m6", "m7", "m8", "m9"]
    assert answer.json()["context"] == "Bob told what he likes."


async def test_a_fold_can_end_at_a_message(memory: httpx.AsyncClient) -> None:
    """It is folded with all before it; where it is folded already, there is nothing to do."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(5))))
    for _ in range(2):
        answer = await memory.post("/sessions/who/fold", json={"through": "4"})
        assert (answer.status_code, contents(answer.json())) == (200, ["m4"])
    assert answer.json()["window"]["folded"] == 4


async def test_a_fold_cannot_end_at_a_message_that_is_not_there(memory: httpx.AsyncClient) -> None:
    """412 with a code, for an unknown session as well; 400 for what is no id."""
    await memory.post(WHO, json=wire("m0", "m1"))
    for path, through in (("/sessions/who/fold", "3"), ("/sessions/nobody/fold", "1")):
        answer = await memory.post(path, json={"through": through})
        assert (answer.status_code, answer.json()["code"]) == (412, "no_such_message")
    assert (await memory.post("/sessions/who/fold", json={"through": "x"})).status_code == 400
    typed = {"Content-Type": "application/octet-stream"}
    assert (await memory.post("/sessions/who/fold", headers=typed)).status_code == 200, "without a body"
    assert len((await memory.get(WHO)).json()["messages"]) == 2


async def test_instructions_reach_the_summaries_of_their_session(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """The model is given them with every fold from then on."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    await memory.patch("/sessions/who", json={"instructions": "Answer in Spanish."})
    await memory.post("/sessions/who/fold")
    system = summary_model.requests[-1].body["messages"][0]["content"]
    assert system.endswith("\nAnswer in Spanish.")
    await memory.patch("/sessions/who", json={"instructions": None})
    await memory.post("/sessions/who/fold", json={"through": "9"})
    assert "Spanish" not in summary_model.requests[-1].body["messages"][0]["content"]


async def test_fold_now_says_when_the_model_fails(memory: httpx.AsyncClient, summary_model: ScriptedOpenAI) -> None:
    """When the model refuses, the answer is 503 with a sentence, and the memory is unchanged."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    summary_model.enqueue(Reply(status=401))
    answer = await memory.post("/sessions/who/fold")
    assert answer.status_code == 503
    assert "OPENAI_API_KEY" in answer.json()["error"]
    assert len((await memory.get(WHO)).json()["messages"]) == 10


async def test_fold_now_says_how_long_the_model_is_busy(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """The answer's Retry-After is the model's; without one it is a few seconds."""
    await memory.post(WHO, json=wire(*(f"m{n}" for n in range(10))))
    for headers, seconds in (({"Retry-After": "44.5"}, "45"), ({"Retry-After": "0"}, "1"), ({}, "5")):
        summary_model.enqueue(Reply(status=429, headers=headers))
        answer = await memory.post("/sessions/who/fold")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, seconds)


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


async def test_restore_over_http_answers_with_the_memory(memory: httpx.AsyncClient) -> None:
    """POST restore answers with the resulting memory; 404 for an unknown version, 400 for an invalid number."""
    await memory.post("/sessions/a/memory", json=wire("x", "y") | {"context": "First."})
    await memory.post("/sessions/a/memory", json={"messages": [], "context": "Second."})
    answer = await memory.post("/sessions/a/summaries/1/restore")
    assert (answer.status_code, answer.json()["context"]) == (200, "First.")
    assert contents(await idle(memory, "a")) == ["x", "y"]
    assert (await memory.post("/sessions/a/summaries/9/restore")).status_code == 404
    assert (await memory.post("/sessions/a/summaries/x/restore")).status_code == 400


async def test_versions_over_http_show_what_a_client_needs(memory: httpx.AsyncClient) -> None:
    """GET summaries answers with the versions and the tokens spent, without the store's internal fields."""
    await memory.post("/sessions/a/memory", json=wire("x", "y") | {"context": "First."})
    answer = (await memory.get("/sessions/a/summaries")).json()
    shown = {"version", "context", "created_at", "source", "folded", "through", "tokens"}
    assert [set(version) for version in answer["summaries"]] == [shown]
    assert answer["spent"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost": None}
