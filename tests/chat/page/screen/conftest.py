"""A worker's components with a real Redis and a memory in a dict, and the client's end of a page's socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.components import Components
from chat.runs.limits import TurnLimiter
from chat.runs.log import RunLog
from chat.runs.runs import Runs
from chat.turns.turn import Persona
from tests.chat.page.screen.stand_ins import SentFrames, UnreliableMemory
from tests.support.grants import grants_in
from tests.support.links import process
from tests.support.ports import ControlledModel


@pytest.fixture
def sent() -> SentFrames:
    """The frames that were sent to the page."""
    return SentFrames()


@pytest.fixture
def memory() -> UnreliableMemory:
    """The memory of the components. Its window holds four messages."""
    return UnreliableMemory(window_size=4)


@pytest.fixture
def model() -> ControlledModel:
    """The model of the runs."""
    return ControlledModel()


@pytest.fixture
async def parts(redis_url: str, memory: UnreliableMemory, model: ControlledModel) -> AsyncIterator[Components]:
    """A worker's components."""
    async with process(redis_url) as worker:
        runs = Runs(
            RunLog(worker.store), worker.bells, TurnLimiter(worker.store, 0), memory, model, Persona("", 4000),
            worker="web.1", max_chars=1000,
        )  # fmt: skip
        yield Components(memory, worker.bells, runs, grants_in(worker))
        await runs.abandon()
