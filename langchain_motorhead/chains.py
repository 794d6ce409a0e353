"""Reads and appends of ``RunnableWithMessageHistory``, which expects a history to stay as it was while a chain runs.

It reads the history before the model and, without ``history_messages_key``, puts the messages before its input. After
the model it reads the history again, only to count the messages and cut as many off the model's input. A fold or
another writer would make that number wrong. So a chain cuts nothing: what it reads counts as empty, the messages that
it put before its input are marked, and marked ones are left out of its append.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import ensure_config

#: The key in a message's ``response_metadata`` for the read that returned it, and its position in that read.
READ_FROM = "motorhead_read"


def runs_in_chain(history: object) -> bool:
    """Whether the caller runs inside a chain with this history."""
    return ensure_config().get("configurable", {}).get("message_history") is history


class ReadByChain(list[BaseMessage]):
    """The messages of a history for its chain, which copies them before the model and counts them after it."""

    def copy(self) -> list[BaseMessage]:
        """A list that marks its messages if the chain puts them before its input."""
        return _BeforeInput(self)

    def __len__(self) -> int:
        """0: the number that the chain cuts off its input."""
        return 0

    def __bool__(self) -> bool:
        """Whether there are messages."""
        return any(True for _ in self)


class _BeforeInput(list[BaseMessage]):
    """The messages of a history, before the chain's input is added to them."""

    def __iadd__(self, given: Iterable[BaseMessage]) -> _BeforeInput:  # type: ignore[misc,override]
        """The marked messages and the input, in which messages read earlier count as new."""
        read = uuid.uuid4().hex
        marked = [_with_mark(one, [read, place, len(self)]) for place, one in enumerate(self)]
        return _BeforeInput([*marked, *(_with_mark(one, None) for one in given)])


def without_read(messages: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
    """``messages`` without those that the chain has put before its input, and with each id once.

    Only a complete read at the start is left out, since a chain with ``history_messages_key`` marks nothing. An agent's
    graph returns its whole state, so that the read and the input come once more, under the same ids.
    """
    marks: list[Any] = [one.response_metadata.get(READ_FROM) for one in messages]
    read, _, count = (marks and marks[0]) or (None, 0, 0)
    if marks[:count] == [[read, place, count] for place in range(count)]:
        messages = [one for one, mark in zip(messages, marks, strict=True) if not mark or mark[0] != read]
    return list({one.id or place: one for place, one in enumerate(messages)}.values())


def _with_mark(message: BaseMessage, mark: list[Any] | None) -> BaseMessage:
    """A copy of ``message`` with this mark; the message itself if it has none and gets none."""
    metadata = {name: value for name, value in message.response_metadata.items() if name != READ_FROM}
    if mark is None and len(metadata) == len(message.response_metadata):
        return message
    return message.model_copy(update={"response_metadata": {**metadata, **({READ_FROM: mark} if mark else {})}})
