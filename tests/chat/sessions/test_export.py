"""Exporting sessions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.domain.details import SummaryVersions
from chat.domain.exceptions import MemoryRefused, MemoryUnreachable
from chat.domain.messages import FoldState, Memory, Message, MessagePage, Window
from chat.domain.session_ids import owned_session
from chat.sessions import export, listing
from chat.sessions.export import export_all, export_session
from chat.sessions.export_formats import JsonExport, MarkdownExport
from tests.support.in_memory import DictMemory

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SESSION = owned_session("owner", "s1")


async def exported(memory: DictMemory) -> Any:
    """The JSON of all the owner's sessions."""
    return json.loads("".join([piece async for piece in export_all("owner", memory, JsonExport(NOW))]))


async def test_all_messages_are_exported_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folded ones, too, and each once, although withdrawn ones leave gaps."""
    monkeypatch.setattr(export, "MESSAGES", 3)
    memory = DictMemory(window_size=4)
    memory.seed(SESSION, "m1", "m2", "m3", "m4")
    epoch = (await memory.get_memory(SESSION.memory_id)).epoch
    replaced = [Message("Human", "other")]
    await memory.append_messages(SESSION, replaced, turn_id="t", epoch=epoch, replace_after="2")
    memory.seed(SESSION, *(f"n{number}" for number in range(9)))
    (session,) = (await exported(memory))["sessions"]
    said = [message["text"] for message in session["messages"]]
    assert said == ["m1", "m2", "other", *(f"n{number}" for number in range(9))]
    assert [message["id"] for message in session["messages"]][:3] == ["1", "2", "5"]


async def test_all_sessions_of_the_owner_are_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, from all pages of the list; nobody else's, and none that is empty."""
    monkeypatch.setattr(listing, "AT_A_TIME", 2)
    memory = DictMemory()
    for name in ("a", "b", "c", "d", "e"):
        memory.seed(owned_session("owner", name), f"in {name}")
    memory.seed(owned_session("somebody", "x"), "secret")
    assert [session["id"] for session in (await exported(memory))["sessions"]] == ["e", "d", "c", "b", "a"]
    assert (await exported(DictMemory()))["sessions"] == []
    nothing = export_session(owned_session("owner", "unknown"), memory, MarkdownExport(NOW))
    assert [piece async for piece in nothing] == []


class Original(DictMemory):
    """A memory like the original Motörhead, which has only the window."""

    async def get_memory(self, memory_id: str) -> Memory:
        return Memory((Message("Human", "hi"), Message("AI", "hello")), None, 0, Window(12, fold=FoldState.UNKNOWN))

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        raise MemoryRefused(404)

    async def list_summaries(self, memory_id: str, *, limit: int = 50) -> SummaryVersions:
        raise MemoryRefused(404)


async def test_the_window_of_an_original_server_is_exported() -> None:
    """It has no other messages, no ids and no times."""
    pieces = [piece async for piece in export_session(SESSION, Original(), JsonExport(NOW))]
    (session,) = json.loads("".join(pieces))["sessions"]
    assert [message["text"] for message in session["messages"]] == ["hi", "hello"]
    assert session["messages"][0]["id"] is None


async def test_an_outage_in_the_middle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export never looks complete when it is not."""
    memory = DictMemory()
    memory.seed(SESSION, "hi", "hello")
    pieces = export_session(SESSION, memory, MarkdownExport(NOW))
    await anext(pieces)

    async def away(*_: object, **__: object) -> MessagePage:
        raise MemoryUnreachable

    monkeypatch.setattr(memory, "list_messages", away)
    with pytest.raises(MemoryUnreachable):
        [piece async for piece in pieces]
