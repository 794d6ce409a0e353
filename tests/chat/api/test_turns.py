"""Finding the turn of a send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from chat.api.codec import Replaced, ResumeRequest, SendRequest, always
from chat.api.turns import begin_turn, turn_to_show
from chat.domain.events import TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import RunUnknown, TurnConflict, TurnInProgress
from chat.domain.messages import Message, Role
from chat.domain.runs import RunState
from chat.domain.session_ids import owned_session
from tests.chat.api.scripted_runs import ScriptedRuns
from tests.support.in_memory import DictMemory

SESSION = owned_session("bob", "s")
STARTED = TurnStarted("t", "hi", "web.1", 1)
UNREMEMBERED = TurnFinished("Hi.", remembered=False, reason="Memory is unreachable.")


async def begin(
    runs: ScriptedRuns,
    attempt_id: str | None = "again",
    *,
    text: str = "hi",
    retry: bool = False,
    replaced: Replaced | None = None,
    memory: DictMemory | None = None,
    is_turn: Callable[[str], bool] | None = None,
) -> str:
    """The id of the turn begun for a send of ``text`` as the turn ``t``."""
    replaced = replaced or (of("t") if retry else None)
    send = SendRequest(
        "r", "s", text, turn_id="t", attempt_id=attempt_id, replaced=replaced, retry=retry, is_turn=is_turn
    )
    return await begin_turn(cast(Any, runs), memory or DictMemory(), SESSION, send)


def of(turn: str) -> Replaced:
    """The message of a turn."""
    return Replaced(lambda message: message.key == turn)


async def remembering(*turns: str) -> DictMemory:
    """A memory with these turns, in each of which ``hi`` was said."""
    memory = DictMemory()
    for turn in turns:
        await memory.append_messages(SESSION, [Message(Role.HUMAN, "hi"), Message(Role.AI, "Hi.")], turn_id=turn)
    return memory


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


async def test_an_answered_message_is_answered_again_in_its_place():
    """The new turn replaces the message with its answer, whether its run is still known or not."""
    ended = RunState("t", 1, "hi", ended=True)
    for runs in (ScriptedRuns(STARTED, TurnFinished("Hi."), state=ended), ScriptedRuns()):
        assert await begin(runs, retry=True, memory=await remembering("before", "t")) == "again"
        assert runs.places == ["2"]


async def test_a_retry_sent_again_is_the_same_turn():
    """It joins the answer, although the message that it replaces is no longer there."""
    runs = ScriptedRuns(STARTED, state=RunState("again", 1, "hi", ended=True))
    assert await begin(runs, retry=True, memory=await remembering("again")) == "again"
    assert runs.places == [None]


async def test_a_failed_replacement_leaves_what_it_was_to_replace():
    """The next attempt replaces it. The same words of an earlier message are not taken for it."""
    failed = RunState("first", 1, "hi", ended=True)
    for turns, place in ((("before", "t"), "2"), (("before",), None)):
        runs = ScriptedRuns(STARTED, UNREMEMBERED, state=failed)
        assert await begin(runs, retry=True, memory=await remembering(*turns)) == "again"
        assert runs.places == [place]


async def test_an_edited_message_takes_the_place_of_the_old_one():
    """Everything behind it goes, too; an edit of a message that came to nothing is a new message."""
    for turns, place in ((("t", "behind"), "0"), (("before",), None)):
        runs = ScriptedRuns(STARTED, TurnFinished("Hi."), state=RunState("behind", 1, "hi", ended=True))
        assert await begin(runs, text="ho", replaced=of("t"), memory=await remembering(*turns)) == "again"
        assert runs.places == [place]


async def test_an_answer_that_is_stopping_is_replaced_and_not_joined():
    """Once it has ended, also by an edit. If it does not in time, the session is busy."""
    for text in ("hi", "ho"):
        runs = ScriptedRuns(STARTED, TurnStopped("H"), state=RunState("t", 1, "hi", ended=False, stopping=True))
        turn = begin(runs, text=text, retry=text == "hi", replaced=of("t"), memory=await remembering("before", "t"))
        assert (await turn, runs.places) == ("again", ["2"])
    runs = ScriptedRuns(STARTED, state=RunState("t", 1, "hi", ended=False, stopping=True))
    runs.settled = False
    with pytest.raises(TurnInProgress):
        await begin(runs, retry=True)


async def test_a_named_request_sent_again_is_its_turn():
    """Whatever the turn is called; with other words it is refused."""
    runs = ScriptedRuns(STARTED, state=RunState("t-1", 1, "hi", ended=True))
    assert await begin(runs, None, is_turn="t-1".__eq__) == "t-1"
    assert runs.started == []
    with pytest.raises(TurnConflict):
        await begin(runs, None, text="ho", is_turn="t-1".__eq__)
    assert await begin(runs, None, is_turn="t-2".__eq__, replaced=of("?")) == "t"


async def test_a_message_that_is_being_answered_is_joined():
    """It is recognised by its id, although it is not remembered yet."""
    runs = ScriptedRuns(STARTED, state=RunState("first", 1, "hi", ended=False))
    assert await begin(runs, None, replaced=of("first")) == "first"
    assert await begin(runs, None, text="ho", replaced=of("first")) == "t"


async def test_a_message_whose_turn_came_to_nothing_is_a_new_one():
    """The client may know it by an id of this site."""
    runs = ScriptedRuns(STARTED, UNREMEMBERED, state=RunState("first", 1, "hi", ended=True))
    assert await begin(runs, None, replaced=replace(of("first"), was_there=True)) == "t"
    assert runs.places == [None]


async def test_an_answer_that_the_client_has_is_not_begun():
    """Only the past is to be shown."""
    runs = ScriptedRuns()
    assert await begin(runs, None, replaced=replace(of("t"), is_shown=always), memory=await remembering("t")) == ""
    assert runs.started == []


async def test_a_turn_is_shown_by_its_name():
    """Or else the latest, or else the past."""
    runs = ScriptedRuns(state=RunState("t-1", 1, "hi", ended=True))

    async def shown(runs: ScriptedRuns, **asked: Any) -> str:
        return await turn_to_show(cast(Any, runs), SESSION, ResumeRequest("r", "s", **asked))

    assert await shown(runs, is_turn="t-1".__eq__) == await shown(runs) == "t-1"
    assert await shown(ScriptedRuns(), past=True) == ""
    for unknown in (shown(runs, is_turn="t-2".__eq__), shown(ScriptedRuns())):
        with pytest.raises(RunUnknown):
            await unknown
