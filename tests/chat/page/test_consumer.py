"""The page's consumer in this process: it keeps no message text, and cleans up when its client leaves."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from chat.components import Components
from chat.domain.exceptions import RunLogUnreachable
from chat.domain.session_ids import owned_session
from chat.memory.client import MemoryClient
from chat.page.consumer import SessionConsumer
from chat.runs.limits import TurnLimiter
from chat.runs.log import RunLog
from chat.runs.runs import Runs
from chat.sockets.open_sockets import OpenSockets
from chat.turns.turn import Persona
from chat.web.tokens import issue_token
from tests.support.grants import grants_in
from tests.support.links import process
from tests.support.ports import ControlledModel
from tests.support.servers import PATIENCE, running, start_memory_server

SOON = 15 * PATIENCE
SESSION = owned_session("owner", "s")
#: Written backwards, so that the code of the tests does not contain the words that they look for.
ASKED, ANSWERED = "deksa-yranac", "derewsna-yranac"


@pytest.fixture
def model() -> ControlledModel:
    """The model of the runs."""
    return ControlledModel()


@pytest.fixture
async def parts(redis_url: str, tmp_path, model: ControlledModel) -> AsyncIterator[Components]:
    """A worker's components with real servers and a scripted model."""
    with running(start_memory_server(redis_url, tmp_path / "memory.log")) as server:
        async with process(redis_url) as worker:
            memory = MemoryClient(server.url)
            runs = Runs(
            RunLog(worker.store), worker.bells, TurnLimiter(worker.store, 0), memory, model, Persona("", 4000),
            worker="web.1", max_chars=1000,
        )  # fmt: skip
            yield Components(memory, worker.bells, runs, grants_in(worker))
            await runs.abandon()
            await memory.aclose()


class Page:
    """The client's end of a consumer's socket."""

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def put(self, **fields: str) -> None:
        await self.inbox.put({"type": "websocket.receive", "text": json.dumps({"body": fields})})

    async def until(self, *awaited: str) -> None:
        """Return when frames with all of these words have arrived, in any order. No frame is kept."""
        left = set(awaited)
        async with asyncio.timeout(SOON):
            while left:
                frame = (await self.outbox.get()).get("text", "")
                left -= {words for words in left if words in frame}


@asynccontextmanager
async def page_on(parts: Components, accepted: str = "en", **differently: Any) -> AsyncIterator[Page]:
    """A page that shows `SESSION`, in a browser that has ``accepted`` this language."""
    page = Page()
    scope = {
        "type": "websocket",
        "path": "/ws/session/s",
        "headers": [(b"accept-language", accepted.encode())],
        "query_string": b"",
        "subprotocols": [f"bearer.{issue_token('owner', timedelta(minutes=5))}"],
        "url_route": {"kwargs": {"session_id": "s"}},
        **differently,
    }
    consumer = SessionConsumer(lambda: parts)
    await page.inbox.put({"type": "websocket.connect"})
    serving = asyncio.create_task(consumer(scope, page.inbox.get, page.outbox.put))
    try:
        yield page
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def holders(backwards: str) -> list[str]:
    """Descriptions of all objects in this process that refer to a text with the words ``backwards``, reversed."""
    gc.collect()
    words, found = backwards[::-1], []
    for thing in gc.get_objects():
        for held in gc.get_referents(thing):
            text = held.decode(errors="ignore") if isinstance(held, bytes) else held
            if isinstance(text, str) and words in text:
                found.append(f"{type(thing).__name__}: {str(thing)[:200]}")
    return found


async def lasting_holders(backwards: str) -> list[str]:
    """`holders` that remain after the page, notified at the end of a turn, has read the run log once more."""
    deadline, looks = time.monotonic() + 5 * PATIENCE, 0
    # A search blocks the event loop, and takes seconds after many tests have run.
    while (found := holders(backwards)) and (looks < 6 or time.monotonic() < deadline):
        looks += 1
        found.clear()  # the descriptions have the words, too, and the next search would find them
        await asyncio.sleep(0.05)
    return found


async def test_a_page_at_an_unknown_address_says_what_to_set(parts):
    """A proxy that passes on the Host without its port makes the site's own page look like one of another site."""
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost:8722")]
    async with page_on(parts, headers=headers, subprotocols=[]) as page, asyncio.timeout(SOON):
        told = [await page.outbox.get() for _ in range(3)]
    assert [each["type"] for each in told] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert "Set CHAT_PUBLIC_URL to the address" in told[1]["text"]
    assert told[2]["code"] == 4403


async def test_an_open_page_keeps_no_message_text(parts, model):
    """After a turn, with the socket still open, neither message nor reply is anywhere in the worker."""
    async with page_on(parts) as page:
        await page.until("Tell it your name")
        model.say(ANSWERED[::-1], " and more.\n\nAnd a second block.")
        model.end()
        await page.put(type="send", text=ASKED[::-1], turn="t1")
        in_window, in_list = f">{ANSWERED[::-1]} and more.</p>", f">{ASKED[::-1]}</a>"
        await page.until('"ended": "t1"', in_window, in_list)
        del in_window, in_list
        model.prompts.clear()
        assert await lasting_holders(ASKED) == []
        assert await lasting_holders(ANSWERED) == []


async def test_a_message_sent_behind_a_stop_is_answered(parts, model):
    """The page's user stops an answer and sends the next message at once: it follows the stopped answer."""
    async with page_on(parts) as page:
        await page.until("Tell it your name")
        for number in range(5):
            model.say("so far")
            await page.put(type="send", text=f"question {number}", turn=f"asked-{number}")
            await page.until("so far")
            await page.put(type="stop", turn=f"asked-{number}")
            await page.put(type="send", text=f"another {number}", turn=f"next-{number}")
            await page.until(f'"accepted": "next-{number}"')
            model.say("An answer.")
            model.end()
            await page.until(f'"ended": "next-{number}"')
    remembered = (await parts.memory.list_messages(SESSION.memory_id)).messages
    assert [message.content for message in remembered if not message.is_reply] == [
        f"{kind} {number}" for number in range(5) for kind in ("question", "another")
    ]


async def test_a_sign_of_life_swaps_nothing(parts):
    """It is for the page's script: a frame without HTML."""
    async with page_on(parts) as page:
        await page.put(type="ping")
        async with asyncio.timeout(SOON):
            while "pong" not in (frame := (await page.outbox.get()).get("text", "")):
                pass
        assert json.loads(frame) == {"pong": "yes"}


async def test_pages_of_two_languages_share_a_worker(parts, model):
    """Each draws the same turn in its own, whichever of the two has begun it."""
    async with page_on(parts, "de-AT, en;q=0.5") as german, page_on(parts) as english:
        for asking, turn in ((german, "t1"), (english, "t2")):
            model.say("so far")
            await asking.put(type="send", text="question", turn=turn)
            await asyncio.gather(german.until("Antwort l", "so far"), english.until("Answering.", "so far"))
            model.end()
            ended = f'"ended": "{turn}"'
            await asyncio.gather(
                german.until("Die Antwort ist vollst", ended), english.until("The answer is complete.", ended)
            )
        await asyncio.gather(german.put(type="rubbish"), english.put(type="rubbish"))
        await asyncio.gather(german.until("Dieser Frame"), english.until("This frame"))


class RunsWithoutStore:
    """Runs whose store is away."""

    async def start(self, *_: object, **__: object) -> None:
        raise RunLogUnreachable

    async def current(self, _: object) -> None:
        raise RunLogUnreachable


async def test_a_message_that_could_not_be_sent_is_not_kept(parts):
    """While waiting for the store, only the page's message box has the text, not the worker."""
    async with page_on(replace(parts, runs=cast(Any, RunsWithoutStore()))) as page:
        await page.put(type="send", text=ASKED[::-1], turn="t1")
        await page.until('"refused": "t1"')
        assert await lasting_holders(ASKED) == []


async def test_the_search_finds_what_is_kept():
    """The checks above can fail."""
    kept = [f"it says {ASKED[::-1]} here"]
    assert holders(ASKED)
    del kept


async def test_an_unexpected_error_makes_the_page_reconnect(parts):
    """The close code is one after which the page reconnects."""
    async with page_on(replace(parts, runs=cast(Any, None))) as page:
        async with asyncio.timeout(SOON):
            while (event := await page.outbox.get())["type"] != "websocket.close":
                pass
        assert event["code"] == 4011


async def test_a_page_too_many_says_so_and_stays_disconnected(parts, monkeypatch: pytest.MonkeyPatch):
    """A page beyond the visitor's limit gets a notice and a close code after which it does not reconnect."""
    sockets = OpenSockets(per_visitor=1, per_address=0)
    monkeypatch.setattr("chat.sockets.consumer.open_sockets", lambda: sockets)
    async with page_on(parts), page_on(parts) as page:
        await page.until("You have 1 connections to this site open.")
        async with asyncio.timeout(SOON):
            assert await page.outbox.get() == {"type": "websocket.close", "code": 4429}
    assert len(sockets) == 0


async def test_a_page_that_leaves_leaves_no_task_behind(parts, model):
    """All tasks of the page end with its socket; the run goes on."""
    before = asyncio.all_tasks()
    async with page_on(parts) as page:
        await page.until("Tell it your name")
        await page.put(type="send", text="hi", turn="t1")
        await asyncio.wait_for(model.asked.wait(), SOON)
    left = [cast(Any, task.get_coro()).cr_code.co_filename for task in asyncio.all_tasks() - before]
    assert not [name for name in left if "consumers" in name]
    model.say("hello")
    model.end()
    async with asyncio.timeout(SOON):
        _ = [entry async for entry in parts.runs.tail(SESSION, "t1")]
    remembered = await parts.memory.get_memory(SESSION.memory_id)
    assert [message.content for message in remembered.messages] == ["hi", "hello"]
