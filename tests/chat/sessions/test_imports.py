"""Importing sessions from a file."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chat.domain.exceptions import InvalidImport, MemoryRefused, MemoryUnreachable
from chat.domain.messages import Message
from chat.domain.session_ids import Session, namespace_of, owned_session
from chat.sessions import imports
from chat.sessions.details import change_details
from chat.sessions.export import export_all
from chat.sessions.export_formats import JsonExport
from chat.sessions.import_parts import BATCH_BYTES, batches_of, import_id
from chat.sessions.importable import Importable, ImportableSession, LeftOut
from chat.sessions.imports import MOST_HELD, ImportReport, import_sessions, read_file
from tests.chat.memory.memories import open_client
from tests.support.in_memory import DictBells, DictMemory
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.ports import FailingMemory
from tests.support.servers import PATIENCE, REPOSITORY

TRIP = ImportableSession(
    "Trip", tuple(Message("Human", f"m{number}") for number in range(5)),
    labels=("Spain",), pinned=True, instructions="Be brief.", context="Before.", covered=2,
)  # fmt: skip
HALF = "x" * (BATCH_BYTES // 2 + 1)
LONG = ImportableSession("Long", tuple(Message("Human", f"{number}{HALF}") for number in range(3)))


async def imported(memory: DictMemory, *sessions: ImportableSession, owner: str = "bob") -> ImportReport:
    """The report of an import of these sessions."""
    *_, report = [each async for each in import_sessions(owner, Importable(sessions), memory, DictBells())]
    return report


def place(session: ImportableSession, owner: str = "bob") -> Session:
    return owned_session(owner, import_id(session))


async def names(memory: DictMemory, owner: str = "bob") -> list[str | None]:
    return [listing.title for listing in await memory.list_sessions(namespace_of(owner))]


async def exported(memory: DictMemory, owner: str = "bob") -> bytes:
    written = JsonExport(datetime(2026, 1, 2, tzinfo=UTC))
    return "".join([piece async for piece in export_all(owner, memory, written)]).encode()


async def read(content: bytes) -> Importable:
    return await read_file(io.BytesIO(content), len(content))


async def test_a_session_is_taken_over_whole() -> None:
    """Its messages, its summary, which covers the same ones, and its details."""
    memory = DictMemory()
    report = await imported(memory, TRIP)
    assert (report.sessions, report.messages, report.here, report.left_out) == (1, 5, 0, {})
    taken = await memory.get_memory(place(TRIP).memory_id)
    assert (taken.context, taken.window.folded) == ("Before.", 2)
    assert [message.content for message in taken.messages] == ["m2", "m3", "m4"]
    assert memory.said(place(TRIP).memory_id) == list(TRIP.messages)
    (listing,) = await memory.list_sessions("chat.bob")
    assert (listing.title, listing.pinned, listing.labels) == ("Trip", True, ("Spain",))
    assert listing.instructions == "Be brief."


async def test_the_same_file_adds_nothing_twice() -> None:
    """Also if the owner has said something since, or renamed the session. Another owner gets sessions of their own."""
    memory = DictMemory()
    await imported(memory, TRIP, LONG)
    await change_details(place(TRIP), {"title": "Mine", "labels": []}, memory, DictBells())
    memory.seed(place(TRIP), "one more")
    again = await imported(memory, TRIP, LONG)
    assert (again.sessions, again.messages, again.here) == (0, 0, 2)
    assert sorted(map(str, await names(memory))) == ["Long", "Mine"]
    await imported(memory, TRIP, owner="eve")
    assert await names(memory, "eve") == ["Trip"]


async def test_an_export_comes_back_as_it_was() -> None:
    """Where the sessions are still here, nothing is added; elsewhere, or after their deletion, they are the same."""
    memory, other = DictMemory(window_size=4), DictMemory(window_size=4)
    memory.seed(owned_session("bob", "a"), *(f"a{number}" for number in range(9)))
    memory.seed(owned_session("bob", "b"), "b0")
    await change_details(owned_session("bob", "b"), {"labels": ["x"]}, memory, DictBells())
    content = await exported(memory)
    found = await read(content)
    assert (await imported(memory, *found.sessions)).here == 2
    await imported(other, *found.sessions)
    first, second = json.loads(content)["sessions"], json.loads(await exported(other))["sessions"]
    for was, now in zip(first, second, strict=True):
        assert [message["text"] for message in was["messages"]] == [message["text"] for message in now["messages"]]
        assert (was["title"], was["labels"], was["summary"] and was["summary"]["text"]) == (
            now["title"], now["labels"], now["summary"] and now["summary"]["text"],
        )  # fmt: skip
        assert (was["summary"] or {}).get("through") == (now["summary"] or {}).get("through")


async def test_a_session_that_has_gone_on_is_still_here() -> None:
    """One that was rewound since is another."""
    memory, session = DictMemory(), owned_session("bob", "a")
    memory.seed(session, "one", "two")
    found = await read(await exported(memory))
    memory.seed(session, "three")
    assert (await imported(memory, *found.sessions)).here == 1
    epoch = (await memory.get_memory(session.memory_id)).epoch
    await memory.append_messages(session, [], turn_id="t", epoch=epoch, replace_after="1")
    assert (await imported(memory, *found.sessions)).sessions == 1


async def test_an_id_that_no_message_can_have_is_that_of_no_session() -> None:
    """Python refuses to read such long numbers."""
    report = await imported(DictMemory(), replace(TRIP, id="trip", last="9" * 5000))
    assert (report.sessions, report.refused) == (1, [])


async def test_an_interrupted_import_is_completed_by_repeating_it() -> None:
    """An outage ends it; what was taken over stays, and no message is there twice."""
    memory = FailingMemory()
    first, *_ = batches_of(LONG, covering=True)
    await memory.append_messages(place(LONG), first.messages, turn_id="as if killed afterwards")
    memory.append_errors = [MemoryUnreachable()]
    stopped = await imported(memory, LONG, TRIP)
    assert isinstance(stopped.stopped, MemoryUnreachable)
    assert (stopped.done, stopped.sessions) == (0, 0)
    report = await imported(memory, LONG, TRIP)
    assert (report.stopped, report.sessions, report.messages) == (None, 2, len(LONG.messages) - 1 + len(TRIP.messages))
    assert memory.said(place(LONG).memory_id) == list(LONG.messages)


async def test_one_that_ended_before_its_details_gets_them() -> None:
    """When the import is repeated."""
    memory = DictMemory()
    await memory.begin_session(place(TRIP), TRIP.messages, "Before.", covered=2, turn_id="k")
    assert (await imported(memory, TRIP)).here == 1
    assert await names(memory) == ["Trip"]


async def test_a_session_that_was_continued_before_it_was_complete_is_left_alone() -> None:
    """The rest would come behind what was said since. Others are imported."""
    memory = DictMemory()
    first, *_ = batches_of(LONG, covering=True)
    await memory.append_messages(place(LONG), first.messages, turn_id="as if killed afterwards")
    memory.seed(place(LONG), "hi")
    report = await imported(memory, LONG, TRIP)
    ((title, error),) = report.refused
    assert (title, error.reason, report.sessions, report.done) == ("Long", "continued", 1, 2)
    assert len(memory.said(place(LONG).memory_id)) == len(first.messages) + 1


async def test_a_summary_that_cannot_go_with_its_messages_is_left_out() -> None:
    """It is reported, and the memory server summarises the messages."""
    memory, long = DictMemory(), ImportableSession("Long", LONG.messages, context="s", covered=3)
    report = await imported(memory, long)
    assert report.left_out == {LeftOut.SUMMARIES: 1}
    assert memory.said(place(long).memory_id) == list(long.messages)


async def test_a_session_may_consist_of_its_summary() -> None:
    """If retention had removed all of its messages; again, it is here already."""
    memory, bare = DictMemory(), ImportableSession("Bare", (), context="Before.")
    assert [(await imported(memory, bare)).sessions, (await imported(memory, bare)).here] == [1, 1]
    assert (await memory.get_memory(place(bare).memory_id)).context == "Before."


async def test_an_import_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one takes the rest, since what is here already does not count."""
    monkeypatch.setattr(imports, "MOST_SESSIONS", 2)
    memory = DictMemory()
    many = [ImportableSession(f"s{number}", (Message("Human", f"m{number}"),)) for number in range(5)]
    reports = [await imported(memory, *many) for _ in range(3)]
    assert [(each.sessions, each.here, each.waiting) for each in reports] == [(2, 0, 3), (2, 2, 1), (1, 4, 0)]
    assert await names(memory) == ["s4", "s3", "s2", "s1", "s0"]


async def test_a_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has its size."""
    monkeypatch.setattr(imports, "LARGEST", 2**20)
    with pytest.raises(InvalidImport, match="The file has 2 MB; at most 1 MB"):
        await read(b"x" * (2**20 + 1))


async def test_imports_that_nothing_refers_to_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even if they are in circles of references, which Python takes apart when it next looks for them."""
    monkeypatch.setattr(imports, "_held", asyncio.Semaphore(MOST_HELD))  # a semaphore belongs to one loop
    memory = DictMemory()
    memory.seed(owned_session("bob", "a"), "one")
    content = await exported(memory)
    gc.disable()
    try:
        for _ in range(MOST_HELD):
            circle: list[object] = [await read(content)]
            circle.append(circle)
            del circle
        await asyncio.wait_for(read(content), 10 * PATIENCE)
    finally:
        gc.enable()


async def test_what_is_read_of_many_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one waits until the sessions of another are imported, or refused, or not wanted any more."""
    monkeypatch.setattr(imports, "_held", asyncio.Semaphore(MOST_HELD))  # a semaphore belongs to one loop
    memory = DictMemory()
    memory.seed(owned_session("bob", "a"), "refused")
    content = await exported(memory)
    held = [await read(content) for _ in range(MOST_HELD)]
    waiting = asyncio.create_task(read(content))
    with pytest.raises(InvalidImport):
        await read_file(io.BytesIO(), 2**30)  # this one need not wait
    assert not waiting.done()
    refusing: DictMemory = Refusing()
    *_, report = [each async for each in import_sessions("eve", held.pop(), refusing, DictBells())]
    assert len(report.refused) == 1
    held.append(await asyncio.wait_for(waiting, 10 * PATIENCE))
    waiting = asyncio.create_task(read(content))
    await asyncio.sleep(0)
    unwanted = import_sessions("eve", held.pop(), DictMemory(), DictBells())
    del unwanted
    await asyncio.wait_for(waiting, 10 * PATIENCE)


async def test_a_file_is_read_to_its_end_although_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread cannot be ended, so until then no other file is read. After that, the file counts no more."""
    go_on, begun = threading.Event(), threading.Event()

    def read_slowly(content: bytes) -> Importable:
        begun.set()
        go_on.wait(10 * PATIENCE)
        return Importable(())

    monkeypatch.setattr(imports, "read_import", read_slowly)
    monkeypatch.setattr(imports, "_held", asyncio.Semaphore(MOST_HELD))
    monkeypatch.setattr(imports, "_reading", asyncio.Lock())
    for _ in range(MOST_HELD):
        left = asyncio.create_task(read(b""))
        await asyncio.to_thread(begun.wait, 10 * PATIENCE)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
    next_one = asyncio.create_task(read(b""))
    await asyncio.sleep(0)
    assert imports._held.locked()
    go_on.set()
    await asyncio.wait_for(next_one, 10 * PATIENCE)


def test_a_process_that_has_read_a_file_ends_quietly() -> None:
    """Its event loop has ended before."""
    said = {"messages": [{"role": "Human", "text": "hi"}]}
    content = json.dumps({"format": "motorhead-chat", "version": 1, "sessions": [said]}).encode()
    code = f"""import asyncio, io; from chat.sessions.imports import read_file
found = asyncio.run(read_file(io.BytesIO({content!r}), 1))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stderr == ""


class Refusing(DictMemory):
    """A memory that refuses one message."""

    async def append_messages(self, session: Session, messages: Sequence[Message], **more: str | None) -> None:  # type: ignore[override]
        if messages[0].content == "refused":
            raise MemoryRefused(413, "Too large.")
        await super().append_messages(session, messages, **more)  # type: ignore[arg-type]


async def test_a_session_that_memory_refuses_does_not_hold_up_the_others() -> None:
    """It is in the report, with the reason."""
    refused = ImportableSession("No", (Message("Human", "refused"),))
    report = await imported(Refusing(), refused, ImportableSession("Yes", (Message("Human", "fine"),)))
    assert [(title, str(error)) for title, error in report.refused] == [
        ("No", "The memory server refused this (413): Too large.")
    ]
    assert (report.sessions, report.done) == (1, 2)


async def test_the_original_takes_what_it_can() -> None:
    """Messages, and a summary of what came before them; details and other summaries are reported as left out."""
    window = ImportableSession("W", TRIP.messages, context="Before.")
    with OriginalMotorhead() as server:
        async with open_client(server.url) as memory:
            for sessions, here in ((2, 0), (0, 2)):
                found = import_sessions("bob", Importable((TRIP, window)), memory, DictBells())
                *_, report = [each async for each in found]
                assert (report.sessions, report.here, report.refused, report.stopped) == (sessions, here, [], None)
                assert report.left_out == ({LeftOut.SUMMARIES: 1, LeftOut.DETAILS: 2} if sessions else {})
            taken = await memory.get_memory(place(window).memory_id)
            assert (taken.context, taken.messages) == ("Before.", TRIP.messages)
            assert (await memory.get_memory(place(TRIP).memory_id)).context is None
