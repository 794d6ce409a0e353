"""Every memory that satisfies `chat.turns.ports.MemoryPort`, for the contract tests: a new one needs one line here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum, auto

import pytest

from chat.memory.client import MemoryClient
from chat.turns.ports import MemoryPort
from tests.support.in_memory import DictMemory
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.servers import PATIENCE


class Can(Enum):
    """Features that not every memory has."""

    KNOW_TURNS = auto()  # an append with a known turn id is not repeated
    KNOW_LIVES = auto()  # a session deleted and begun again is another one
    TELL_CHANGES = auto()  # an unchanged memory is not sent again
    NAME_MESSAGES = auto()  # messages have ids and times
    DESCRIBE_SESSIONS = auto()  # lists have titles, counts and times, and begin with the newest
    LIST_NAMESPACES = auto()
    KEEP_MESSAGES = auto()  # including folded ones
    TELL_FOLDS = auto()  # it reports the state of its folds
    FOLD_NOW = auto()
    KEEP_VERSIONS = auto()  # of the summary
    RECALL = auto()
    WITHDRAW = auto()  # messages can be replaced, in one step with the append
    EDIT_SUMMARY = auto()  # unless it has changed since it was read
    RESTORE = auto()  # an earlier version of the summary
    FORK = auto()
    BEGIN = auto()  # a session begins with a summary of its first messages
    KEEP_DETAILS = auto()  # titles, pins, labels, instructions
    SEARCH = auto()


@asynccontextmanager
async def our_server(request: pytest.FixtureRequest) -> AsyncIterator[MemoryPort]:
    """The memory client with our memory server."""
    server = request.getfixturevalue("memory_server")
    async with open_client(server.url) as client:
        yield client


@asynccontextmanager
async def the_original(request: pytest.FixtureRequest) -> AsyncIterator[MemoryPort]:
    """The memory client with a server that has only the original's calls."""
    with OriginalMotorhead() as server:
        async with open_client(server.url) as client:
            yield client


@asynccontextmanager
async def in_memory(request: pytest.FixtureRequest) -> AsyncIterator[MemoryPort]:
    """The memory that other tests use."""
    yield DictMemory()


@asynccontextmanager
async def open_client(url: str) -> AsyncIterator[MemoryClient]:
    client = MemoryClient(url, timeout=5 * PATIENCE, patience=10 * PATIENCE)
    try:
        yield client
    finally:
        await client.aclose()


Open = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[MemoryPort]]
EVERYTHING = frozenset(Can)
NOTHING: frozenset[Can] = frozenset()

#: How each memory is opened, empty, and its features.
MEMORIES: dict[str, tuple[Open, frozenset[Can]]] = {
    "ours": (our_server, EVERYTHING),
    "original": (the_original, NOTHING),
    "in memory": (in_memory, EVERYTHING),
}

every_memory = pytest.mark.parametrize("memory", MEMORIES, indirect=True)


def able(ability: Can) -> pytest.MarkDecorator:
    """Run the test with every memory that has the feature."""
    return pytest.mark.parametrize("memory", [name for name in MEMORIES if ability in MEMORIES[name][1]], indirect=True)


def unable(ability: Can) -> pytest.MarkDecorator:
    """Run the test with every memory that lacks the feature."""
    names = [name for name in MEMORIES if ability not in MEMORIES[name][1]]
    return pytest.mark.parametrize("memory", names, indirect=True)
