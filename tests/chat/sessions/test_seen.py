"""What the model saw, with a memory in a dict and runs in another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from chat.domain.exceptions import PromptUnknown
from chat.domain.messages import STOPPED_MARK
from chat.domain.prompts import PartKind, PromptPart, PromptRecord, SentPrompt, TurnEnd
from chat.domain.session_ids import Session
from chat.sessions.seen import what_a_reply_came_from, what_the_model_saw
from chat.turns.ports import RunsPort
from chat.turns.recorder import digest
from tests.support.in_memory import DictMemory

SESSION = Session("owner.s1", "chat.owner")


def record(question: str, reply: str | None = None, *, cut: int = 0) -> PromptRecord:
    part = PromptPart(PartKind.MESSAGE, question, 9, "user", cut=cut)
    sent = SentPrompt((part,), 4000, 0, 1, 1, "gpt", "web.1", 42, "here", 0.1, 0.2)
    return PromptRecord(sent, None if reply is None else TurnEnd("web.1", 42, "here", 1, 2, 3, digest(reply)))


class KnownRuns:
    """Runs of which only the prompts are known; the newest is last."""

    def __init__(self, **records: PromptRecord) -> None:
        self.records = records

    async def ended(self, session: Session) -> list[str]:
        return [turn_id for turn_id, known in self.records.items() if known.end][::-1]

    async def prompt(self, session: Session, turn_id: str) -> PromptRecord | None:
        return self.records.get(turn_id)


def runs(**records: PromptRecord) -> RunsPort:
    return cast(RunsPort, cast(Any, KnownRuns(**records)))


async def test_a_turn_is_known_by_its_id() -> None:
    """In progress or ended."""
    growing, ended = record("a"), record("b", "B")
    known = runs(one=ended, two=growing)
    assert await what_the_model_saw(SESSION, "one", known) == ended
    assert await what_the_model_saw(SESSION, "two", known) == growing
    with pytest.raises(PromptUnknown):
        await what_the_model_saw(SESSION, "three", known)


async def test_a_reply_is_recognised_by_its_words_and_those_of_its_question() -> None:
    """Each of several turns has its own, even where replies or questions are alike."""
    memory = DictMemory()
    memory.seed(SESSION, "a", "Yes.", "b", "Yes.", "b", "No.", "c", "So far" + STOPPED_MARK)
    one, two, three = record("a", "Yes."), record("b", "Yes."), record("b", "No.")
    four = record("c", "So far" + STOPPED_MARK)
    known = runs(one=one, two=two, three=three, four=four)
    found = [await what_a_reply_came_from(SESSION, number, memory, known) for number in ("2", "4", "6", "8")]
    assert found == [one, two, three, four]


async def test_of_a_long_question_the_beginning_is_enough() -> None:
    """The record has no more of it."""
    memory = DictMemory()
    memory.seed(SESSION, "long " * 100, "Yes.")
    known = runs(one=record("long " * 10, "Yes.", cut=450))
    assert await what_a_reply_came_from(SESSION, "2", memory, known) == known.records["one"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("message_id", ["1", "3", "4", "9", "0", "-1", "x", "", "٢", "9" * 5000])
async def test_what_is_not_such_a_reply_has_no_prompt(message_id: str) -> None:
    """A question, a reply of another client, a reply of a turn that is forgotten, and no message at all."""
    memory = DictMemory()
    memory.seed(SESSION, "a", "Yes.", "b", "No.")
    known = runs(one=record("a", "Yes."), two=replace(record("b", "No."), end=None))
    with pytest.raises(PromptUnknown):
        await what_a_reply_came_from(SESSION, message_id, memory, known)
