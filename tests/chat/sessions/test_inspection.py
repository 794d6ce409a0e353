"""Sessions as staff see them, with our memory server and with the original's calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chat.domain.details import SessionListing
from chat.domain.exceptions import MemoryRefused, MemoryUnreachable
from chat.domain.messages import Message
from chat.domain.session_ids import Session
from chat.memory.client import MemoryClient
from chat.sessions.inspection import MOST_NAMESPACES, PAGE, find_message, inspect_session, list_namespace, list_newest
from tests.support.in_memory import DictMemory
from tests.support.original_motorhead import OriginalMotorhead

UNKNOWN_CALL = MemoryRefused(404, "no such call")


class ListedMemory(DictMemory):
    """A memory with scripted lists, by namespace, that counts requests."""

    def __init__(self, **listed: list[SessionListing]) -> None:
        super().__init__()
        self.listed = listed
        self.asked = 0
        self.error: Exception | None = None

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        self.asked += 1
        return self.listed.get(namespace or "none", [])[(page - 1) * size : page * size]

    async def list_namespaces(self) -> list[str]:
        if self.error:
            raise self.error
        return [name for name in self.listed if name != "none"]


def listing(memory_id: str, second: int) -> SessionListing:
    """A session last used at this second."""
    return SessionListing(memory_id, updated_at=datetime.fromtimestamp(second, UTC))


@pytest.fixture
async def original() -> AsyncIterator[MemoryClient]:
    """A client of a server that has only the original's calls."""
    with OriginalMotorhead() as server:
        client = MemoryClient(server.url)
        yield client
        await client.aclose()


async def test_the_newest_are_found_in_all_namespaces() -> None:
    """Sessions with and without a namespace are sorted together, each listed once."""
    memory = ListedMemory(
        none=[listing("d", 4), listing("a", 1)], one=[listing("c", 3), listing("a", 1)], two=[listing("b", 2)]
    )
    found = await list_newest(memory)
    assert [session.memory_id for session in found.listings or []] == ["d", "c", "b", "a"]
    assert found.namespaces == ["one", "two"]


async def test_the_newest_are_no_more_than_a_page() -> None:
    """The newest sessions fit on one page."""
    found = await list_newest(ListedMemory(none=[listing(str(number), number) for number in range(PAGE, 0, -1)]))
    assert len(found.listings or []) == PAGE


async def test_too_many_namespaces_are_not_looked_through() -> None:
    """With thousands of namespaces only their names are requested."""
    memory = ListedMemory(**{f"n{number}": [] for number in range(MOST_NAMESPACES + 1)})
    found = await list_newest(memory)
    assert found.listings is None
    assert memory.asked == 0


async def test_a_page_of_one_namespace_comes_with_the_names_of_all() -> None:
    """A namespace's page takes one request for the list and one for all names."""
    memory = ListedMemory(one=[listing(str(number), number) for number in range(PAGE + 1)], two=[])
    found = await list_namespace(memory, "one", page=2)
    assert [session.memory_id for session in found.listings or []] == [str(PAGE)]
    assert found.namespaces == ["one", "two"]


@pytest.mark.parametrize("error", [MemoryRefused(403, "not yours"), MemoryUnreachable()])
async def test_only_an_unknown_call_is_taken_for_nothing(error: Exception) -> None:
    """Only a missing call counts as an empty result; outages and refusals are raised."""
    memory = ListedMemory()
    memory.error = UNKNOWN_CALL
    assert (await list_newest(memory)).namespaces == []
    memory.error = error
    with pytest.raises(type(error)):
        await list_newest(memory)


async def test_of_the_original_the_window_is_shown(original: MemoryClient) -> None:
    """On the original the window is shown instead of all messages."""
    said = [Message("Human", "hi im bob"), Message("AI", "Hello.")]
    await original.append_messages(Session("s"), said, turn_id="t")
    found = await inspect_session(original, "s")
    assert [message.content for message in found.page.messages] == ["hi im bob", "Hello."]
    assert found.page.before is None
    assert found.versions.versions == ()
    assert not found.is_empty
    assert [session.memory_id for session in (await list_newest(original)).listings or []] == ["s"]


async def test_a_session_of_which_nothing_is_remembered_is_empty(original: MemoryClient) -> None:
    """A session without any memory is empty."""
    assert (await inspect_session(original, "nobody")).is_empty


async def test_a_message_is_found_by_its_id() -> None:
    """The newest and the oldest, and no other in its place."""
    memory = DictMemory()
    memory.seed(Session("s"), "one", "two", "three")
    found = [
        await find_message(memory, "s", message_id) for message_id in ("1", "3", "4", "0", "01", "", "x", "9" * 5000)
    ]
    assert [message and message.content for message in found] == ["one", "three", *[None] * 6]
