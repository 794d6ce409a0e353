"""The memory client, against our memory server and against responses of the original and the hosted one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from chat.domain.exceptions import (
    MemoryRefused,
    MemoryServerError,
    MemoryUnreachable,
    SessionGone,
    TurnConflict,
)
from chat.domain.messages import FoldState, Message, Window
from chat.domain.session_ids import Session
from chat.memory.client import MemoryClient
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import PATIENCE, Server, free_port, running, start_memory_server
from tests.support.small_disk import valkey_on_a_small_disk

SESSION = Session("owner.s1", "chat.owner")
PAIR = [Message("Human", "hi im bob"), Message("AI", "Hi Bob")]

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
async def memory(memory_server: Server) -> AsyncIterator[MemoryClient]:
    """A client of our memory server."""
    client = MemoryClient(memory_server.url, timeout=5 * PATIENCE, patience=10 * PATIENCE)
    yield client
    await client.aclose()


def client_of(answer: Answer, **options: object) -> MemoryClient:
    """A client of a server that responds with ``answer``."""
    options = {"patience": 1, **options}
    return MemoryClient("http://memory.test", transport=httpx.MockTransport(answer), **options)  # type: ignore[arg-type]


def without_ids(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in messages]


async def test_an_unknown_session_is_empty(memory: MemoryClient) -> None:
    """An unknown session has no messages and no summary, but a window size."""
    found = await memory.get_memory("nobody.x")
    assert (found.messages, found.context, found.tokens, found.epoch) == ((), None, 0, None)
    assert found.window.size == 12


async def test_what_was_appended_comes_back_oldest_first(memory: MemoryClient) -> None:
    """Messages are oldest first, unlike on the wire, and have ids and times."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    await memory.append_messages(SESSION, [Message("Human", "next")], turn_id="t2")
    found = await memory.get_memory("owner.s1")
    assert without_ids(found.messages) == [("Human", "hi im bob"), ("AI", "Hi Bob"), ("Human", "next")]
    assert len({message.id for message in found.messages}) == 3
    assert all(message.created_at for message in found.messages)
    assert found.epoch
    assert found.window.fold is FoldState.IDLE


async def test_a_turn_is_appended_once(memory: MemoryClient) -> None:
    """A repeated append changes nothing; other messages with the same turn id are a conflict."""
    for _ in range(3):
        await memory.append_messages(SESSION, PAIR, turn_id="t1")
    assert len((await memory.get_memory("owner.s1")).messages) == 2
    with pytest.raises(TurnConflict):
        await memory.append_messages(SESSION, PAIR[:1], turn_id="t1")


async def test_an_append_to_a_deleted_session_is_refused(memory: MemoryClient) -> None:
    """An append with an old epoch is refused, even if the id was used again for another session."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    epoch = (await memory.get_memory("owner.s1")).epoch
    await memory.delete_memory(SESSION)
    with pytest.raises(SessionGone):
        await memory.append_messages(SESSION, PAIR, turn_id="t2", epoch=epoch)
    await memory.append_messages(SESSION, PAIR, turn_id="t3")
    with pytest.raises(SessionGone):
        await memory.append_messages(SESSION, PAIR, turn_id="t4", epoch=epoch)


async def test_an_unchanged_session_is_not_sent_again(memory: MemoryClient) -> None:
    """With the current etag nothing is sent, so polling is cheap."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    found = await memory.get_memory("owner.s1")
    assert await memory.get_changed_memory("owner.s1", found.etag) is None
    await memory.append_messages(SESSION, PAIR, turn_id="t2")
    changed = await memory.get_changed_memory("owner.s1", found.etag)
    assert changed is not None
    assert len(changed.messages) == 4


async def test_an_owner_lists_only_their_own_sessions(memory: MemoryClient) -> None:
    """An owner's sessions are listed newest first, with titles and counts."""
    await memory.append_messages(SESSION, PAIR, turn_id="t1")
    await memory.append_messages(Session("owner.s2", "chat.owner"), PAIR[:1], turn_id="t1")
    await memory.append_messages(Session("other.s3", "chat.other"), PAIR, turn_id="t1")
    listed = await memory.list_sessions("chat.owner")
    assert [(item.memory_id, item.title, item.messages) for item in listed] == [
        ("owner.s2", "hi im bob", 1),
        ("owner.s1", "hi im bob", 2),
    ]
    assert all(item.updated_at for item in listed)
    assert set(await memory.list_namespaces()) >= {"chat.owner", "chat.other"}
    await memory.delete_memory(SESSION)
    assert [item.memory_id for item in await memory.list_sessions("chat.owner")] == ["owner.s2"]


async def test_everything_ever_said_can_be_scrolled_through(memory: MemoryClient) -> None:
    """All messages can be read page by page, each oldest first, back to the first message."""
    for number in range(5):
        await memory.append_messages(SESSION, [Message("Human", str(number))], turn_id=f"t{number}")
    newest = await memory.list_messages("owner.s1", limit=3)
    assert [message.content for message in newest.messages] == ["2", "3", "4"]
    oldest = await memory.list_messages("owner.s1", before=newest.before, limit=3)
    assert [message.content for message in oldest.messages] == ["0", "1"]
    assert oldest.before is None


@pytest.mark.parametrize("memory_id", ["..", ".", "a/b", "..%2F..", "100%", "M\u00f6t\u00f6r?#[x]", "a b", "{b}"])
async def test_any_id_names_a_session_of_its_own(memory: MemoryClient, memory_id: str) -> None:
    """Ids are quoted completely."""
    await memory.append_messages(Session(memory_id), [Message("Human", memory_id)], turn_id="t1")
    assert [m.content for m in (await memory.get_memory(memory_id)).messages] == [memory_id]


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Reads and appends both fail with `MemoryUnreachable`, within their time limits."""
    client = MemoryClient(f"http://127.0.0.1:{free_port()}", patience=0.3)
    with pytest.raises(MemoryUnreachable):
        await client.get_memory("x")
    with pytest.raises(MemoryUnreachable):
        await client.append_messages(SESSION, PAIR, turn_id="t1")
    await client.aclose()


async def test_a_server_is_checked_without_a_session(memory: MemoryClient) -> None:
    """Ours says whether it has its Redis and takes the token; of the original, a session is read."""
    await memory.check()
    with OriginalMotorhead() as original:
        client = MemoryClient(original.url)
        await client.check()
        await client.aclose()


@pytest.mark.parametrize(
    ("refused", "status", "error"), [("/readyz", 503, MemoryUnreachable), ("/keys/current", 401, MemoryRefused)]
)
async def test_a_server_without_redis_or_with_another_token_is_told_apart(
    refused: str, status: int, error: type[MemoryServerError]
) -> None:
    """What one session would answer does not matter: on a Cluster, its node alone may be away."""

    def answer(request: httpx.Request) -> httpx.Response:
        fails = request.url.path in (refused, "/sessions/readiness/memory")
        return httpx.Response(status if fails else 200, json={"status": "ready"})

    with pytest.raises(error):
        await client_of(answer).check()


async def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """The memory server says that Redis has no room for the append."""
    messages = [Message("Human", "word " * 20_000)]
    with (
        valkey_on_a_small_disk(tmp_path, "--appendfsync", "everysec") as disk,
        running(start_memory_server(disk.url, tmp_path / "memory.log")) as server,
    ):
        disk.fill()
        client = MemoryClient(server.url, patience=0.3)
        with suppress(MemoryUnreachable):  # Redis may answer before it fails to write
            await client.append_messages(SESSION, messages, turn_id="t1")
        with pytest.raises(MemoryUnreachable) as outage:
            await client.append_messages(SESSION, messages, turn_id="t2")
        await client.aclose()
    assert outage.value.reason == "disk_full"


async def test_an_outage_is_blamed_on_a_full_disk() -> None:
    """A Redis that has ended for lack of space takes the memory server's answers with it."""
    failing = httpx.Response(503, json={"error": "Redis cannot be reached."})
    with pytest.raises(MemoryUnreachable) as outage:
        await client_of(lambda _: failing, disk_is_full=lambda: True).get_memory("s")
    assert outage.value.reason == "disk_full"


async def test_the_hosted_servers_envelope_is_opened() -> None:
    """Responses under ``data`` are decoded, and the hosted server's credentials are sent."""
    asked: list[httpx.Request] = []

    def hosted(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        memory = {"messages": [{"role": "AI", "content": "Hi"}, {"role": "Human", "content": "hi"}], "context": "NONE"}
        return httpx.Response(200, json={"data": memory})

    found = await client_of(hosted, api_key="k", client_id="c").get_memory("s")
    assert without_ids(found.messages) == [("Human", "hi"), ("AI", "Hi")]
    assert (found.context, found.window) == (None, Window(12))
    assert (asked[0].headers["x-metal-api-key"], asked[0].headers["x-metal-client-id"]) == ("k", "c")


async def test_the_originals_listing_of_bare_ids_is_understood() -> None:
    """A list of ids is decoded without titles and times."""
    listed = await client_of(lambda _: httpx.Response(200, json=["a", "b"])).list_sessions()
    assert [(item.memory_id, item.title) for item in listed] == [("a", None), ("b", None)]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_lost_answer_of_the_original_is_looked_up_before_posting_again(*, arrived: bool) -> None:
    """Without idempotency keys the messages are read back, and posted again only if they are missing."""
    stored: list[dict[str, str]] = []
    posts = 0

    def original(request: httpx.Request) -> httpx.Response:
        nonlocal posts
        if request.method == "GET":
            return httpx.Response(200, json={"messages": stored[::-1], "context": None, "tokens": 0})
        posts += 1
        if posts > 1 or arrived:
            stored.extend(json.loads(request.content)["messages"])
        if posts == 1:
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200, json={"status": "Ok"})

    await client_of(original).append_messages(SESSION, PAIR, turn_id="t1")
    assert [message["content"] for message in stored] == ["hi im bob", "Hi Bob"]
    assert posts == (1 if arrived else 2)


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_turn_that_may_have_been_appended_is_looked_up_first(*, arrived: bool) -> None:
    """With ``again`` the messages are read back first, so that a run taken over does not append them twice."""
    stored: list[dict[str, str]] = [{"role": m.role, "content": m.content} for m in PAIR] if arrived else []

    def original(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"messages": stored[::-1], "context": None, "tokens": 0})
        stored.extend(json.loads(request.content)["messages"])
        return httpx.Response(200, json={"status": "Ok"})

    await client_of(original).append_messages(SESSION, PAIR, turn_id="t1", again=True)
    assert [message["content"] for message in stored] == ["hi im bob", "Hi Bob"]


async def test_nothing_is_posted_again_to_the_original_while_nobody_can_look() -> None:
    """If the messages cannot be read back, they are not posted again."""
    posts = 0

    def original(request: httpx.Request) -> httpx.Response:
        nonlocal posts
        posts += request.method == "POST"
        raise httpx.ReadTimeout("lost", request=request)

    with pytest.raises(MemoryUnreachable):
        await client_of(original).append_messages(SESSION, PAIR, turn_id="t1")
    assert posts == 1


async def test_a_refusal_carries_the_servers_sentence() -> None:
    """A refusal carries the server's sentence and status."""
    refusing = client_of(lambda _: httpx.Response(400, json={"error": "Too many messages."}))
    with pytest.raises(MemoryRefused, match="Too many messages") as refused:
        await refusing.append_messages(SESSION, PAIR, turn_id="t1")
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [b"<html>hello</html>", b'{"messages": 3}', b"[]", b"\xff"])
async def test_an_answer_that_is_no_motorheads_is_refused(body: bytes) -> None:
    """A response from another kind of server is an error, not an empty memory."""
    with pytest.raises(MemoryRefused, match="Check the address"):
        await client_of(lambda _: httpx.Response(200, content=body)).get_memory("s")
