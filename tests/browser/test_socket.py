"""The page's websocket, used directly: who may open it, what it accepts, and that bad frames do not close it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import httpx
import pytest
from django.core.signing import dumps
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.page.unsaved import Unsaved, sign_unsaved
from tests.browser.conftest import World
from tests.support.cookies import owner_of
from tests.support.servers import PATIENCE

SOON = 15 * PATIENCE


def visit(world: World) -> str:
    """A new visitor's cookie."""
    answer = httpx.get(f"{world.site.url}/favicon.ico", trust_env=False)
    name = world.site.cookies.owner
    return f"{name}={answer.cookies[name]}"


@asynccontextmanager
async def page_of(
    world: World, session: str = "s", cookie: str | None = None, origin: str | None = None, query: str = ""
) -> Any:
    """The open websocket of a page that shows ``session``."""
    headers = {"Cookie": visit(world) if cookie is None else cookie, "Origin": origin or world.site.url}
    address = f"{world.site.url.replace('http', 'ws', 1)}/ws/session/{session}{query}"
    async with connect(address, additional_headers=headers, proxy=None, max_size=None) as socket:
        yield socket


def sign(world: World, copy: Unsaved) -> str:
    """``copy`` as signed by the site under test."""
    key = (world.site.data / "secret_key").read_text().strip()
    return dumps(asdict(copy), key=key, salt="chat.unsaved", compress=True)


def messages_of(world: World, memory_id: str) -> list[str]:
    """Everything that is remembered of a session, newest first."""
    answer = httpx.get(f"{world.memory.url}/sessions/{memory_id}/messages?limit=200", trust_env=False).json()
    return [message["content"] for message in answer["messages"]]


async def until(socket: ClientConnection, words: str) -> str:
    """The next frame that contains ``words``."""
    async with asyncio.timeout(SOON):
        while True:
            frame = str(await socket.recv())
            if words in frame:
                return frame


async def put(socket: ClientConnection, **fields: str) -> None:
    """Send a form with these fields as htmx does."""
    await socket.send(json.dumps({"headers": {"HX-Request": "true"}, "body": fields}))


async def refusal(socket: ClientConnection) -> tuple[str, int]:
    """The server's last frame before it closes the socket, and the code."""
    async with asyncio.timeout(SOON):
        sentence = str(await socket.recv())
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    return sentence, closed.value.rcvd.code


async def test_a_visitor_without_a_cookie_is_refused(world):
    """The page gets a sentence, and a code after which it does not reconnect."""
    async with page_of(world, cookie="") as socket:
        sentence, code = await refusal(socket)
    assert "Your visit has expired. Reload the page." in sentence
    assert code == 4401


async def test_a_tampered_cookie_is_ignored(world):
    """An owner's id is not enough: the site must have signed it."""
    async with page_of(world, cookie=visit(world) + "x") as socket:
        assert (await refusal(socket))[1] == 4401


async def test_a_page_of_a_visit_that_is_over_is_refused(world):
    """By the cookie, its session belongs to another: nothing is shown or started, and the page does not reconnect."""
    cookie = visit(world)
    async with page_of(world, cookie=cookie, query="?shows=somebody-before.s") as socket:
        sentence, code = await refusal(socket)
    assert "This page belongs to a visit that is over" in sentence
    assert code == 4409
    owner = owner_of(cookie)
    async with page_of(world, cookie=cookie, query=f"?shows={owner}.s") as socket:
        await until(socket, "Tell it your name")


@pytest.mark.parametrize("origin", ["http://example.org", "http://127.0.0.1:1", "null"])
async def test_pages_of_other_origins_are_refused(world, origin):
    """Scheme, host and port must be the site's own."""
    async with page_of(world, origin=origin) as socket:
        assert (await refusal(socket))[1] == 4403


@pytest.mark.parametrize("session", ["a.b", "x" * 65, "..%2F..", "%F0%9F%90%88"])
async def test_a_malformed_session_id_is_refused(world, session):
    """The page gets a sentence, and does not reconnect."""
    async with page_of(world, session=session) as socket:
        sentence, code = await refusal(socket)
    assert "This session id is malformed." in sentence
    assert code == 4400


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("{", "This frame is not valid JSON"),
        (b"{}", "This frame is binary."),
        ("[]", "This frame is malformed"),
        ('{"body": {}}', "This frame is malformed"),
        ('{"body": {"type": "dance", "turn": "t"}}', "This frame is malformed"),
        ('{"body": {"type": "send", "turn": "t"}}', "missing required field `text`"),
        ('{"body": {"type": "send", "text": 7, "turn": "t"}}', "Expected `str`, got `int`"),
        ('{"body": {"type": "send", "text": "hi", "turn": "a b"}}', "This turn id is malformed."),
        ('{"body": {"type": "send", "text": " \\n ", "turn": "t"}}', "The message is empty."),
        ('{"body": {"type": "send", "text": "\\ud800", "turn": "t"}}', "not"),
        (json.dumps({"body": {"type": "send", "text": "x" * 1_000_000, "turn": "t"}}), "1,000,000 characters"),
        (json.dumps({"body": {"type": "send", "text": "x" * 2_100_000, "turn": "t"}}), "This frame has 2,100,"),
        ('{"body": {"type": "save", "turn": "t", "signed": "forged"}}', "was changed, or was not made by this site"),
    ],
)
async def test_a_bad_frame_gets_a_sentence_and_the_socket_stays_open(world, frame, sentence):
    """The sentence says what is wrong, no turn starts, and the next message is answered."""
    async with page_of(world) as socket:
        await socket.send(frame)
        await until(socket, sentence)
        await put(socket, type="send", text="hi", turn="good")
        await until(socket, "You said: hi")  # the whole reply, in the window


async def test_the_same_turn_sent_twice_is_one_turn(world):
    """A page that lost its socket may safely send again, during the answer and afterwards."""
    cookie = visit(world)
    async with page_of(world, cookie=cookie) as socket:
        await put(socket, type="send", text="hi", turn="once")
        await put(socket, type="send", text="hi", turn="once")
        await until(socket, '"ended": "once"')
        await put(socket, type="send", text="hi", turn="once")
        await until(socket, '"accepted": "once", "ended": "once"')
    async with page_of(world, cookie=cookie) as socket:
        frame = await until(socket, "#window")
    assert frame.count("You said: hi") == 2  # the text, and its source for copying


async def test_a_session_id_belongs_to_its_owner(world):
    """For another visitor, the same id is a different, empty session."""
    async with page_of(world, session="shared") as socket:
        await put(socket, type="send", text="my secret", turn="t")
        await until(socket, '"ended": "t"')
    async with page_of(world, session="shared") as socket:
        assert "Tell it your name" in await until(socket, "#window")


async def test_returning_to_the_page_shows_what_happened_elsewhere(world):
    """A session started in another tab is listed as soon as the page asks."""
    cookie = visit(world)
    async with page_of(world, cookie=cookie) as first, page_of(world, session="other", cookie=cookie) as second:
        await until(first, "No sessions yet.")
        await put(second, type="send", text="begun elsewhere", turn="t")
        await until(second, '"ended": "t"')
        await put(first, type="look")
        await until(first, "begun elsewhere")


async def test_stopping_an_ended_turn_does_no_harm(world):
    """A sentence says that there was nothing to stop."""
    async with page_of(world) as socket:
        await put(socket, type="stop", turn="never")
        await until(socket, "It had already finished.")


async def test_a_copy_signed_elsewhere_is_refused(world):
    """A site with another key cannot write to the memory."""
    copy = Unsaved("owner.s", "t", "hi", "hello", stopped=False, epoch=None, after="")
    async with page_of(world) as socket:
        await put(socket, type="save", turn="t", signed=sign_unsaved(copy))
        await until(socket, "was changed, or was not made by this site")


@pytest.mark.parametrize("later", [1, 5])
@pytest.mark.parametrize("kind", ["save", "check"])
async def test_a_copy_of_a_remembered_turn_is_dropped_and_not_saved_again(world, later, kind):
    """Nothing is appended, even if other turns have followed or the turn has been folded."""
    cookie, owner = visit(world), ""
    async with page_of(world, cookie=cookie) as socket:
        for number in range(1 + later):
            await put(socket, type="send", text=f"say {number}", turn=f"t{number}")
            await until(socket, f'"ended": "t{number}"')
        owner = owner_of(cookie)
        before = messages_of(world, f"{owner}.s")
        copy = Unsaved(f"{owner}.s", "t0", "say 0", "You said: say 0", stopped=False, epoch=None, after="")
        await put(socket, type=kind, turn="t0", signed=sign(world, copy))
        await until(socket, "It is remembered now.")
    assert messages_of(world, f"{owner}.s") == before
    assert len(before) == 2 * (1 + later)


async def test_a_copy_of_an_unremembered_turn_stays(world):
    """Checking whether it is remembered changes and says nothing; saving it again says why it is refused."""
    cookie = visit(world)
    owner = owner_of(cookie)
    async with page_of(world, cookie=cookie) as socket:
        await put(socket, type="send", text="say 0", turn="t0")
        await until(socket, '"ended": "t0"')
        copy = Unsaved(f"{owner}.s", "lost", "lost", "You said: lost", stopped=False, epoch=None, after="")
        signed = sign(world, copy)
        await put(socket, type="check", turn="lost", signed=signed)
        await put(socket, type="save", turn="lost", signed=signed)
        assert "Other turns have passed since." in await until(socket, "lost")
