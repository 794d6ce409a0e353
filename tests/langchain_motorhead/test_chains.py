"""What a chain reads counts as empty, and what it put before its input is not appended again."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, messages_from_dict, messages_to_dict
from langchain_core.runnables import RunnableLambda

from langchain_motorhead.chains import ReadByChain, runs_in_chain, without_read


def prompt(read: list[BaseMessage], *given: BaseMessage) -> list[BaseMessage]:
    """The input of the model, as a chain makes it and as its tracer stores it until after the model."""
    messages = read.copy()
    messages += given
    return messages_from_dict(messages_to_dict(messages))


def test_a_chain_cuts_nothing_and_appends_what_is_new() -> None:
    """The read counts as empty; its messages are left out of the append by their marks."""
    read = ReadByChain([HumanMessage("a"), AIMessage("b")])
    stored = prompt(read, HumanMessage("c"))
    cut = stored[len(read) :]
    assert [one.content for one in cut] == ["a", "b", "c"]
    assert [one.content for one in without_read([*cut, AIMessage("d")])] == ["c", "d"]


def test_another_reader_inside_the_chain_sees_the_messages() -> None:
    """A tool that looks at the history finds them all; they carry no marks."""
    read = ReadByChain([HumanMessage("a"), AIMessage("b")])
    assert bool(read)
    assert not ReadByChain([])
    assert [one.content for one in read] == ["a", "b"]
    assert (read[-1].content, [one.content for one in read[:1]]) == ("b", ["a"])
    assert [one.content for one in read.copy()] == ["a", "b"]
    assert not any(one.response_metadata for one in (*read, *read.copy()))


def test_a_message_of_an_earlier_read_counts_as_new() -> None:
    """Even if the model has seen it, and it is asked again when the history is empty."""
    seen = prompt(ReadByChain([HumanMessage("a")]), HumanMessage("b"))
    for read in (ReadByChain([]), ReadByChain([HumanMessage("a")])):
        assert [one.content for one in without_read(prompt(read, *seen))] == ["a", "b"]


def test_messages_that_no_chain_has_read_are_all_new() -> None:
    """So is a part of a read."""
    unread: list[BaseMessage] = [HumanMessage("a"), AIMessage("b")]
    assert without_read(unread) == unread
    assert without_read([]) == []
    part = prompt(ReadByChain([HumanMessage("a"), HumanMessage("b")]), HumanMessage("c"))[1:]
    assert [one.content for one in without_read(part)] == ["b", "c"]


@pytest.mark.parametrize("read", [[], [HumanMessage("a", id="1"), AIMessage("b", id="2")]])
def test_of_a_whole_state_only_what_is_new_is_appended(read: list[BaseMessage]) -> None:
    """An agent's graph returns the read and the input as well; a message that it replaces keeps its place."""
    stored = prompt(ReadByChain(read), HumanMessage("c", id="3"))
    state = [*stored[:-1], HumanMessage("C", id="3"), AIMessage("d"), AIMessage("d")]
    assert [one.content for one in without_read([*stored, *state])] == ["C", "d", "d"]


async def test_a_chain_is_known_by_its_configuration() -> None:
    """Only inside a chain with this very history."""
    history, other = object(), object()

    def looked(_: Any) -> list[bool]:
        return [runs_in_chain(one) for one in (history, other)]

    async def looked_too(given: Any) -> list[bool]:
        return looked(given)

    config: Any = {"configurable": {"message_history": history}}
    assert RunnableLambda(looked).invoke(0, config) == [True, False]
    assert await RunnableLambda(looked_too).ainvoke(0, config) == [True, False]
    assert not runs_in_chain(history)


@pytest.mark.parametrize("metadata", [{}, {"model": "m"}])
def test_other_metadata_stay(metadata: dict[str, str]) -> None:
    """A mark is added to them and removed from them; the messages of the caller are not changed."""
    mine = AIMessage("a", response_metadata=metadata)
    marked = prompt(ReadByChain([mine]))
    assert marked[0].response_metadata.items() >= metadata.items()
    assert prompt(ReadByChain([]), *marked)[0].response_metadata == metadata
    assert mine.response_metadata == metadata
