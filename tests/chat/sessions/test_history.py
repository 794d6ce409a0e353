"""The history of a session with its question in progress, over a real Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chat.domain.exceptions import MemoryRefused, ModelSilent
from chat.domain.messages import Memory, Message, MessagePage
from chat.runs.runs import Runs
from chat.sessions.history import History, Question, history
from tests.chat.runs.test_runs import SESSION, read, worker
from tests.support.ports import ControlledModel, FailingMemory


@pytest.fixture
def memory() -> FailingMemory:
    """A memory with two exchanges in the session."""
    memory = FailingMemory()
    memory.seed(SESSION, *"abcd")
    return memory


@pytest.fixture
def model() -> ControlledModel:
    """The model of the runs."""
    return ControlledModel()


@pytest.fixture
async def runs(redis_url: str, memory: FailingMemory, model: ControlledModel) -> AsyncIterator[Runs]:
    """A worker's runs."""
    async with worker(redis_url, "one", memory, model) as runs:
        yield runs


def texts(found: History) -> list[str]:
    return [message.content for message in found.messages]


async def test_messages_come_page_by_page(memory: FailingMemory, runs: Runs) -> None:
    """Oldest first, the newest page first."""
    newest = await history(SESSION, None, 3, memory, runs)
    assert (texts(newest), newest.before, newest.question) == (["b", "c", "d"], "2", None)
    assert texts(await history(SESSION, newest.before, 3, memory, runs)) == ["a"]


async def test_a_question_in_progress_is_behind_the_newest_messages(
    memory: FailingMemory, model: ControlledModel, runs: Runs
) -> None:
    """Only there; once its turn is remembered it is one of them, under the turn's id."""
    await runs.start(SESSION, "e", "t1", visitor="v")
    found = await history(SESSION, None, 9, memory, runs)
    assert (texts(found), found.question) == (list("abcd"), Question("t1", "e", being_answered=True))
    assert (await history(SESSION, "3", 9, memory, runs)).question is None
    model.say("f")
    model.end()
    await read(runs, "t1")
    found = await history(SESSION, None, 9, memory, runs)
    assert (texts(found), found.question) == (list("abcdef"), None)
    assert [message.key for message in found.messages[-2:]] == ["t1", "t1"]


async def test_what_is_being_replaced_is_left_out(memory: FailingMemory, model: ControlledModel, runs: Runs) -> None:
    """Until it is: should the turn fail, the old exchange stands."""
    await runs.start(SESSION, "C", "t1", visitor="v", replace_after="2")
    found = await history(SESSION, None, 9, memory, runs)
    assert (texts(found), found.question) == (["a", "b"], Question("t1", "C", being_answered=True))
    model.fail(ModelSilent())
    await read(runs, "t1")
    found = await history(SESSION, None, 9, memory, runs)
    assert (texts(found), found.question) == (list("abcd"), None)


async def test_a_question_whose_turn_failed_is_shown_for_a_while(
    memory: FailingMemory, model: ControlledModel, runs: Runs
) -> None:
    """It can be asked again; nobody is answering it."""
    await runs.start(SESSION, "e", "t1", visitor="v")
    model.fail(ModelSilent())
    await read(runs, "t1")
    found = await history(SESSION, None, 9, memory, runs)
    assert (texts(found), found.question) == (list("abcd"), Question("t1", "e", being_answered=False))


class Original(FailingMemory):
    """A memory without a history, whose messages name no turns."""

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        raise MemoryRefused(404, "Not found.")

    async def get_memory(self, memory_id: str) -> Memory:
        found = await super().get_memory(memory_id)
        return replace(found, messages=tuple(Message(each.role, each.content) for each in found.messages))


async def test_on_the_original_the_window_is_all(redis_url: str, model: ControlledModel) -> None:
    """The newest exchange is recognised by its words, so that it has the id of the stream."""
    memory = Original()
    memory.seed(SESSION, "a", "b")
    async with worker(redis_url, "one", memory, model) as runs:
        await runs.start(SESSION, "e", "t1", visitor="v")
        model.say("f")
        model.end()
        await read(runs, "t1")
        found = await history(SESSION, None, 9, memory, runs)
        assert (texts(found), found.question) == (["a", "b", "e", "f"], None)
        assert [message.key for message in found.messages] == [None, None, "t1", "t1"]
        assert texts(await history(SESSION, "3", 9, memory, runs)) == []
