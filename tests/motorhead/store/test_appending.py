"""Appends that withdraw the newest messages first, and edits of a summary as it was loaded."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from motorhead.messages import NewMessage, read_message
from motorhead.store.appending import NewContent, read_appended
from motorhead.store.connect import link_to
from motorhead.store.keys import ERASURE, SessionKeys, mark
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.tools.fsck import Fsck
from redis_link.address import parse_address
from redis_link.link import RedisLink
from tests.support.kit import contents, idle, numbered, said, wire
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI

MEMORY = "/sessions/s/memory"


async def post(memory: httpx.AsyncClient, *said: str, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    return await memory.post(MEMORY, json={**wire(*said), **more}, headers=headers)


async def shown(memory: httpx.AsyncClient) -> list[str]:
    return contents((await memory.get(MEMORY)).json())


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal, which has a sentence, too."""
    assert answer.json()["error"].endswith(".")
    return answer.status_code, answer.json()["code"]


async def test_the_newest_messages_are_replaced(memory: httpx.AsyncClient) -> None:
    """They leave the window and the scroll-back; the new ones get new ids."""
    await post(memory, "hi im bob", "hello", "whats my name", "No idea.")
    assert (await post(memory, "whats my name?", "Bob.", replace_after="2")).status_code == 200
    assert await shown(memory) == ["hi im bob", "hello", "whats my name?", "Bob."]
    everything = (await memory.get("/sessions/s/messages")).json()["messages"]
    assert [one["id"] for one in everything] == ["6", "5", "2", "1"]
    assert (await memory.get("/search", params={"q": "idea"})).json()["results"] == []


async def test_messages_can_be_withdrawn_alone(memory: httpx.AsyncClient) -> None:
    """Without new messages the session just ends earlier; "0" withdraws all, and the title with them."""
    await post(memory, "one", "two", "three")
    await post(memory, replace_after="1")
    assert await shown(memory) == ["one"]
    await post(memory, replace_after="0")
    assert await shown(memory) == []
    assert (await memory.get("/sessions/s")).json()["title"] is None
    await post(memory, "a new start")
    assert (await memory.get("/sessions/s")).json()["title"] == "a new start"


async def test_the_window_fills_up_as_if_nothing_had_been_withdrawn(memory: httpx.AsyncClient) -> None:
    """Withdrawn messages do not count: a fold is due only when the window is full of others."""
    await post(memory, *(f"m{n}" for n in range(12)))
    for n in range(5):
        await post(memory, f"again {n}", replace_after="11")
    answer = await idle(memory, "s")
    assert (answer["window"]["folded"], len(answer["messages"])) == (0, 12)
    await post(memory, "one more")
    answer = await idle(memory, "s")
    assert answer["window"]["folded"] > 0


async def test_a_folded_message_is_not_withdrawn(memory: httpx.AsyncClient) -> None:
    """409, and nothing has changed; the newest messages can still be replaced."""
    await post(memory, *(f"m{n}" for n in range(13)))
    before = await idle(memory, "s")
    folded = before["window"]["folded"]
    assert refusal(await post(memory, "x", replace_after=str(folded - 1))) == (409, "folded")
    assert await shown(memory) == contents(before)
    assert (await post(memory, "x", replace_after=str(folded))).status_code == 200
    assert await shown(memory) == ["x"]


@pytest.mark.parametrize("number", ["3", "4", "99"])
async def test_a_message_that_is_not_there_is_no_place_to_go_on(memory: httpx.AsyncClient, number: str) -> None:
    """412 for a withdrawn number and for one that was never given."""
    await post(memory, "one", "two", "three", "four")
    await post(memory, replace_after="2")
    assert refusal(await post(memory, "x", replace_after=number)) == (412, "no_such_message")
    assert await shown(memory) == ["one", "two"]


@pytest.mark.parametrize("number", ["", "x", "-1", "1" * 16, 1])
async def test_a_malformed_number_is_refused(memory: httpx.AsyncClient, number: Any) -> None:
    """It is an id as text."""
    assert (await post(memory, "x", replace_after=number)).status_code == 400


async def test_a_replacement_is_made_once(memory: httpx.AsyncClient) -> None:
    """Repeated under its key, it changes nothing, even if it was replaced since; another body is a conflict."""
    key = {"Idempotency-Key": "k"}
    await post(memory, "one", "two")
    await post(memory, "two!", replace_after="1", headers=key)
    await post(memory, "two?", replace_after="1")
    assert (await post(memory, "two!", replace_after="1", headers=key)).status_code == 200
    assert await shown(memory) == ["one", "two?"]
    for other in ({"replace_after": "0"}, {}):
        assert refusal(await post(memory, "two!", headers=key, **other)) == (409, "conflict")


async def test_another_life_of_the_session_is_not_touched(memory: httpx.AsyncClient) -> None:
    """The epoch is checked first."""
    epoch = (await post(memory, "old")).headers["Session-Epoch"]
    await memory.delete(MEMORY)
    await post(memory, "new")
    refused = await post(memory, "x", replace_after="0", headers={"Session-Epoch": epoch})
    assert refusal(refused) == (412, "gone")
    assert await shown(memory) == ["new"]


async def test_an_unknown_session_can_begin_with_a_replacement(memory: httpx.AsyncClient) -> None:
    """There is nothing to withdraw; without messages, nothing is created."""
    await post(memory, replace_after="0")
    assert (await memory.get("/sessions")).json() == []
    await post(memory, "hi", replace_after="0")
    assert await shown(memory) == ["hi"]


async def test_an_edit_does_not_overwrite_a_summary_that_was_not_seen(memory: httpx.AsyncClient) -> None:
    """412 with the tag of an older summary; without a tag, an edit always counts."""
    await post(memory, "hi", context="First.")
    tag = (await memory.get(MEMORY)).headers["Summary-ETag"]
    assert (await post(memory, context="Second.", headers={"If-Match": tag})).status_code == 200
    assert refusal(await post(memory, context="Third.", headers={"If-Match": tag})) == (412, "changed")
    assert (await memory.get(MEMORY)).json()["context"] == "Second."
    assert (await post(memory, context="Fourth.")).status_code == 200
    for malformed in ("x", '"', '"a", "b"'):
        assert (await post(memory, context="x", headers={"If-Match": malformed})).status_code == 400


async def test_the_tag_is_of_the_summary_alone(memory: httpx.AsyncClient) -> None:
    """New messages leave it as it is."""
    await post(memory, "hi", context="First.")
    before = (await memory.get(MEMORY)).headers["Summary-ETag"]
    await post(memory, "hello")
    assert (await memory.get(MEMORY)).headers["Summary-ETag"] == before


async def test_versions_that_tell_of_withdrawn_messages_go_with_them(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI
) -> None:
    """After a restore, later versions cover messages in the window; withdrawn, nothing tells of them any more."""
    for start in range(2):
        await post(memory, *(f"m{start}-{n}" for n in range(13)))
        await idle(memory, "s")
    versions = (await memory.get("/sessions/s/summaries")).json()["summaries"]
    first, newest = versions[-1], versions[0]
    summary_model.enqueue(Reply("Late.", gate=(gate := Gate())))
    await memory.post(f"/sessions/s/summaries/{first['version']}/restore")
    await gate.reached()  # the fold that is now due waits, or it could fold what is to be withdrawn
    assert (await post(memory, "x", replace_after=first["through"])).status_code == 200
    gate.release()
    left = (await memory.get("/sessions/s/summaries")).json()["summaries"]
    assert newest["version"] not in [one["version"] for one in left]
    assert {one["through"] for one in left} == {first["through"]}


async def test_fsck_knows_the_gap(store: Store, link: RedisLink) -> None:
    """A session with withdrawn messages is sound; one that lost its count of them is mended."""
    await store.append(b"s", said("one", "two", "three"), None, mark(None), Listing(link).add(b"s", mark(None)))
    await store.append(b"s", said("two!"), None, mark(None), (), replace_after=1)
    assert (await Fsck(link, Listing(link), mend=False).run()).sentences == []
    await link.execute("HSET", SessionKeys(b"s").state, "gaps", "7")
    assert (await Fsck(link, Listing(link), mend=True).run()).left == 0
    state = await store.state(b"s")
    assert state is not None
    assert (state.gaps, state.unfolded) == (2, 2)


async def test_withdrawn_numbers_are_not_used_again_after_a_repair(store: Store, link: RedisLink) -> None:
    """A session whose newest messages are withdrawn, and whose count of messages is lost, goes on behind them."""
    await store.append(b"s", said("one", "two", "three"), None, mark(None), Listing(link).add(b"s", mark(None)))
    await store.append(b"s", [], None, mark(None), (), replace_after=1)
    await link.execute("HSET", SessionKeys(b"s").state, "last", "x")
    assert (await Fsck(link, Listing(link), mend=True).run()).left == 0
    await store.append(b"s", said("four"), None, mark(None), ())
    history = await store.history(b"s", None, 10)
    assert [read_message(bytes(one)).id for one in history.messages] == ["4", "1"]  # type: ignore[union-attr]
    state = await store.state(b"s")
    assert state is not None
    assert state.unfolded == 2


async def test_no_reader_sees_half_of_a_replacement(redis_url: str, store: Store) -> None:
    """Also in a window that takes a second round trip to read."""
    await store.append(b"s", numbered(0, 40), None, mark(None), ())
    await store.append(b"s", said("q", "a"), None, mark(None), ())
    done = asyncio.Event()
    other = link_to(parse_address(redis_url))
    await other.open()

    async def read() -> int:
        reads = 0
        while not done.is_set():
            found = await Store(other).window(b"s", 8)
            assert found is not None
            assert len(found[1]) == 42
            reads += 1
        return reads

    reading = asyncio.create_task(read())
    for _ in range(50):
        await store.append(b"s", said("q", "a"), None, mark(None), (), replace_after=40)
    done.set()
    assert await reading > 0
    await other.close()


async def test_withdrawn_text_is_erased_from_the_disk(memory: httpx.AsyncClient, link: RedisLink) -> None:
    """A rewrite of the append-only file is asked for, as after a deletion."""
    await post(memory, "one", "two")
    await link.execute("UNLINK", ERASURE)
    await post(memory, replace_after="1")
    assert await link.execute("EXISTS", ERASURE) == 1


def test_a_digest_is_of_everything_that_is_asked_for() -> None:
    """Requests that differ in anything but their key have different digests; without a key it is empty."""
    messages = [NewMessage("Human", "hi")]
    requests = [
        NewContent(messages, key="k"), NewContent(messages, "c", key="k"), NewContent([], key="k"),
        NewContent(messages, replace_after=0, key="k"), NewContent(messages, replace_after=1, key="k"),
    ]  # fmt: skip
    assert len({one.digest for one in requests}) == len(requests)
    assert NewContent(messages).digest == ""


def test_a_change_in_between_is_no_refusal() -> None:
    """The append is then tried again."""
    assert read_appended([b"changed"]) is None


async def test_a_session_can_begin_with_a_summary(memory: httpx.AsyncClient) -> None:
    """Its first messages are folded already, without the model: in the history, and not in the window."""
    await post(memory, "hi im bob", "hello", "bye", context="Bob said hello.", through="2")
    answer = (await memory.get(MEMORY)).json()
    assert (answer["context"], contents(answer), answer["tokens"]) == ("Bob said hello.", ["bye"], 0)
    assert (answer["window"]["folded"], answer["window"]["fold"]) == (2, "idle")
    assert answer["window"]["folded_at"]
    assert len((await memory.get("/sessions/s/messages")).json()["messages"]) == 3
    (version,) = (await memory.get("/sessions/s/summaries")).json()["summaries"]
    assert (version["source"], version["through"]) == ("import", "2")
    assert version["folded"] == {"from": "1", "to": "2", "count": 2}


async def test_what_follows_such_a_beginning_is_folded_behind_it(
    memory: httpx.AsyncClient, summary_model: ScriptedOpenAI, link: RedisLink
) -> None:
    """The model is given the summary, and no covered message; restoring the first version brings none back."""
    await post(memory, "covered", *(f"m{n}" for n in range(12)), context="The beginning.", through="1")
    summary_model.enqueue(Reply("All of it."))
    await post(memory, "one more")
    assert (await idle(memory, "s"))["context"] == "All of it."
    asked = summary_model.requests[-1].text
    assert "The beginning." in asked
    assert "covered" not in asked
    await memory.post("/sessions/s/summaries/1/restore")
    assert "covered" not in await shown(memory)
    assert (await Fsck(link, Listing(link), mend=False).run()).sentences == []


async def test_only_a_new_session_begins_with_a_summary(memory: httpx.AsyncClient) -> None:
    """The same append again changes nothing; any other is refused, and changes nothing either."""
    body, key = {"context": "Greetings.", "through": "1"}, {"Idempotency-Key": "k"}
    for _ in range(2):
        assert (await post(memory, "hi", "hello", **body, headers=key)).status_code == 200
    assert refusal(await post(memory, "hi", "hello", **body)) == (409, "exists")
    assert (await post(memory, "hi", **body, headers=key)).status_code == 409
    assert await shown(memory) == ["hello"]


@pytest.mark.parametrize("more", [{}, {"context": "x", "replace_after": "0"}, {"context": "x", "through": "3"}])
async def test_a_cover_needs_a_summary_and_its_messages(memory: httpx.AsyncClient, more: dict[str, str]) -> None:
    """Otherwise it is refused with a sentence, and there is no session."""
    answer = await post(memory, "one", "two", **{"through": "1", **more})
    assert (answer.status_code, answer.json()["error"].endswith(".")) == (400, True)
    assert "session-epoch" not in (await memory.get(MEMORY)).headers
