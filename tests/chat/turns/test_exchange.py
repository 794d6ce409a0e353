"""The end of a turn, by the model's outcome and the result of the append."""

from __future__ import annotations

import pytest

from chat.domain.events import TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import ChatError, MemoryUnreachable, SessionGone, TurnConflict
from chat.domain.messages import STOPPED_MARK
from chat.domain.runs import Turn
from chat.domain.sentences import sentence
from chat.domain.session_ids import Session
from chat.turns.exchange import remember, save_again
from chat.turns.outcome import Answered, Cut, Failed, Outcome, Stopped
from tests.support.ports import FailingMemory

SESSION = Session("owner.s1", "chat.owner")
TURN = Turn(SESSION, "t1", "hi im bob", "web.1", 42)
AWAY, GONE, CONFLICT = MemoryUnreachable(), SessionGone(), TurnConflict()
FAILED = TurnFailed("model_stalled", "No.", retryable=True, reply="H")


@pytest.mark.parametrize(
    ("outcome", "error", "event"),
    [
        (Answered("Hi"), None, TurnFinished("Hi")),
        (Cut("Hi", "length"), None, TurnFinished("Hi", cut="length")),
        (Stopped("Hi"), None, TurnStopped("Hi")),
        (Answered("Hi"), AWAY, TurnFinished("Hi", remembered=False, reason=sentence(AWAY))),
        (Cut("Hi", "length"), AWAY, TurnFinished("Hi", remembered=False, reason=sentence(AWAY), cut="length")),
        (Stopped("Hi"), GONE, TurnStopped("Hi", remembered=False, reason=sentence(GONE))),
        (Answered("Hi"), CONFLICT, TurnFailed(CONFLICT.code, sentence(CONFLICT), CONFLICT.retryable, "Hi")),
    ],
)
async def test_an_append_ends_the_turn(outcome: Outcome, error: ChatError | None, event: object) -> None:
    """The last event says why an exchange was not remembered; a conflict is a failure."""
    memory = FailingMemory()
    memory.append_errors += [error] if error else []
    missed: list[ChatError] = []
    assert await remember(memory, TURN, outcome, epoch=None, on_miss=missed.append) == event
    assert memory.appends == ([] if error else ["t1"])
    assert missed == ([error] if error else [])


@pytest.mark.parametrize(
    ("outcome", "event"), [(Failed(FAILED), FAILED), (Stopped(""), TurnStopped("", remembered=False))]
)
async def test_where_nothing_is_to_be_remembered_nothing_is_appended(outcome: Outcome, event: object) -> None:
    """Nothing is appended for a failed turn, or one stopped before its first word."""
    memory = FailingMemory()
    assert await remember(memory, TURN, outcome, epoch="e1") == event
    assert memory.appends == []


@pytest.mark.parametrize(
    ("outcome", "mark"), [(Answered("Hi"), ""), (Cut("Hi", "length"), ""), (Stopped("Hi"), STOPPED_MARK)]
)
async def test_only_a_stopped_reply_is_marked(outcome: Outcome, mark: str) -> None:
    """Only a stopped reply is marked as stopped in the memory."""
    memory = FailingMemory()
    await remember(memory, TURN, outcome, epoch=None)
    assert [message.content for message in memory.said("owner.s1")] == ["hi im bob", "Hi" + mark]


async def test_an_exchange_that_is_saved_again_is_the_one_that_was_said() -> None:
    """Saving again uses the same turn id and text, so it is not appended twice."""
    memory = FailingMemory()
    await remember(memory, TURN, Stopped("Hi"), epoch=None)
    await save_again(memory, SESSION, "t1", "hi im bob", "Hi", stopped=True, epoch="e1")
    assert len(memory.said("owner.s1")) == 2
