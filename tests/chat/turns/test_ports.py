"""The site's adapters satisfy the ports."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from chat.memory.client import MemoryClient
from chat.model.client import ChatModel
from chat.runs.bells import Bell, Bells
from chat.runs.runs import Runs
from chat.turns.ports import BellPort, BellsPort, MemoryPort, ModelPort, RunsPort
from tests.support.in_memory import DictMemory


def methods(port: type) -> list[str]:
    return [name for name, each in vars(port).items() if inspect.isfunction(each) and not name.startswith("_")]


@pytest.mark.parametrize(
    ("port", "adapter"),
    [
        (MemoryPort, MemoryClient),
        (MemoryPort, DictMemory),
        (ModelPort, ChatModel),
        (BellPort, Bell),
        (BellsPort, Bells),
        (RunsPort, Runs),
    ],
)
def test_an_adapter_has_every_call_of_its_port(port: Any, adapter: Any) -> None:
    """Every adapter has its port's methods, with the same parameters."""
    assert methods(port)
    for name in methods(port):
        asked, given = inspect.signature(getattr(port, name)), inspect.signature(getattr(adapter, name))
        assert list(given.parameters.values()) == list(asked.parameters.values()), name
