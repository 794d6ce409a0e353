"""Finding the turn of a request."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chat.api.openai.turns import RequestName, begin_turn, name_of
from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import TurnInProgress
from chat.domain.runs import RunState
from chat.domain.session_ids import Session, owned_session
from tests.chat.api.scripted_runs import ScriptedRuns

SESSION = owned_session("bob", "s")
STARTED = TurnStarted("t", "hi", "web.1", 1)
KEYED, RETRIED, FIRST = name_of("d", "k", ""), name_of("d", None, "1"), name_of("d", None, "0")


class Runs(ScriptedRuns):
    """Runs of a session with turns that have ``endings``, newest first."""

    def __init__(self, *script: Event, state: RunState | None = None, endings: tuple[str, ...] = ()) -> None:
        super().__init__(*script, state=state)
        self.endings = endings

    async def ended(self, session: Session) -> list[str]:
        return list(self.endings)

    async def start(self, session: Session, text: str, turn_id: str, **of: Any) -> RunState:
        if self.state is not None and not self.state.ended and self.state.turn_id != turn_id:
            raise TurnInProgress(self.state.turn_id)
        return await super().start(session, text, turn_id, **of)


async def begin(runs: Runs, name: RequestName, text: str = "hi") -> str:
    return await begin_turn(cast(Any, runs), SESSION, text, name, None)


async def test_a_new_request_is_a_new_turn():
    """The same body twice is two turns, unless the second is a retry."""
    first, second = await begin(Runs(), FIRST), await begin(Runs(), FIRST)
    assert first != second
    assert FIRST.has(first)
    assert RETRIED.has(first), "a retry of it is found"
    assert not name_of("another", None, "0").has(first)


async def test_a_key_numbers_its_attempts():
    """So that two workers that try again at once begin the same turn."""
    assert await begin(Runs(), KEYED) == f"{KEYED.name}.0"
    assert name_of("another body", "k", "2").name == KEYED.name
    assert name_of("d", "other", "").name != KEYED.name


@pytest.mark.parametrize("name", [KEYED, RETRIED])
async def test_a_repeated_request_joins_its_turn(name: RequestName):
    """While it is answered, and for as long as it can be replayed, it begins no other."""
    mine = f"{name.name}.0"
    running = Runs(state=RunState(mine, 1, "hi", ended=False))
    ended = Runs(STARTED, TurnFinished("Hi."), endings=("of another", mine))
    for runs in (running, ended):
        assert (await begin(runs, name), runs.started) == (mine, [])


@pytest.mark.parametrize(
    "last", [TurnFailed("model_silent", "It was silent.", True), TurnStopped("", remembered=False)]
)
async def test_what_came_to_nothing_is_tried_again(last: Event):
    """By another turn, behind the newest attempt."""
    runs = Runs(STARTED, last, endings=(f"{KEYED.name}.3", f"{KEYED.name}.2"))
    assert await begin(runs, KEYED) == f"{KEYED.name}.4"
    again = await begin(Runs(STARTED, last, endings=(f"{RETRIED.name}.ab",)), RETRIED)
    assert (RETRIED.has(again), again == f"{RETRIED.name}.ab") == (True, False)


async def test_the_same_text_joins_the_answer_under_way():
    """From wherever it was sent; with a key of its own, or another text, it has to wait."""
    busy = RunState("of the page", 1, "hi", ended=False)
    assert await begin(Runs(state=busy), FIRST) == "of the page"
    for name, text in ((KEYED, "hi"), (FIRST, "ho")):
        with pytest.raises(TurnInProgress):
            await begin(Runs(state=busy), name, text)
