"""Finding the turn of a send."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chat.api.codec import SendRequest
from chat.api.turns import begin_turn
from chat.domain.events import TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import TurnConflict
from chat.domain.runs import RunState
from chat.domain.session_ids import owned_session
from tests.chat.api.scripted_runs import ScriptedRuns
from tests.support.in_memory import DictMemory

SESSION = owned_session("bob", "s")
STARTED = TurnStarted("t", "hi", "web.1", 1)
UNREMEMBERED = TurnFinished("Hi.", remembered=False, reason="Memory is unreachable.")


async def begin(runs: ScriptedRuns, attempt_id: str | None = "again", *, text: str = "hi", retry: bool = False) -> str:
    """The id of the turn begun for a send of ``text`` as the turn ``t``."""
    send = SendRequest("r", "s", text, turn_id="t", attempt_id=attempt_id, retry=retry)
    return await begin_turn(cast(Any, runs), DictMemory(), SESSION, send)


async def test_a_message_is_its_turn():
    """A new message begins its turn."""
    runs = ScriptedRuns()
    assert (await begin(runs), runs.started) == ("t", ["t"])


@pytest.mark.parametrize(
    ("ended", "turn"),
    [(TurnFinished("Hi."), "t"), (UNREMEMBERED, "again"), (TurnStopped("", remembered=False), "again")],
)
async def test_a_message_sent_again_is_tried_again_when_it_came_to_nothing(ended: Any, turn: str):
    """A message sent again replays a remembered turn, and is another attempt otherwise."""
    assert await begin(ScriptedRuns(STARTED, ended, state=RunState("t", 1, "hi", ended=True))) == turn


async def test_a_named_turn_stands_for_its_words():
    """A named turn is replayed for the same text, however it ended, and refused for another text."""
    runs = ScriptedRuns(STARTED, UNREMEMBERED, state=RunState("t", 1, "hi", ended=True))
    assert await begin(runs, None) == "t"
    with pytest.raises(TurnConflict):
        await begin(runs, None, text="ho")


async def test_a_retry_joins_the_answer_that_is_under_way():
    """A retry joins an answer in progress instead of beginning another."""
    runs = ScriptedRuns(STARTED, state=RunState("first", 1, "hi", ended=False))
    for attempt_id in ("again", None):
        assert await begin(runs, attempt_id, retry=True) == "first"


async def test_a_retry_of_what_failed_is_another_attempt():
    """A retry after a failure begins another attempt, with the client's own id if it has one."""
    runs = ScriptedRuns(STARTED, UNREMEMBERED, state=RunState("first", 1, "hi", ended=True))
    assert [await begin(runs, attempt_id, retry=True) for attempt_id in ("again", None)] == ["again", "t"]
