"""Following a turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from chat.api.ag_ui.events import MessagesSnapshot, RunFinished, RunStarted, StateSnapshot, TextMessageContent
from chat.api.ag_ui.following import Follower, Placed, Run
from chat.api.ag_ui.offsets import Offset, mark_of
from chat.api.ai_sdk.message_ids import named_turn
from chat.api.past import Past
from chat.domain.events import Event, MemoryLoaded, Restarted, TextDelta, TurnFinished, TurnStarted
from chat.domain.exceptions import MemoryUnreachable
from chat.domain.messages import Message
from chat.domain.runs import Cursor, Entry
from tests.chat.api.scripted_runs import past
from tests.support.ports import FailingMemory

TURN: list[Event] = [TurnStarted("r", "hi", "web.1", 1), MemoryLoaded(None, 0), TextDelta("Hel"), TextDelta("lo")]
WHOLE: list[Event] = [*TURN, TurnFinished("Hello")]


async def entries(*events: Event, generation: int = 1, turn_id: str = "r") -> AsyncGenerator[Entry]:
    seq = -1
    for event in events:
        if isinstance(event, Restarted):
            generation, seq = generation + 1, -2
        seq += 1
        yield Entry(Cursor(turn_id, generation, seq), event)


async def follow(run: Run, source: AsyncGenerator[Entry], before: Past | None = None) -> list[Placed]:
    return [placed async for placed in Follower(run, before or past()).follow(source)]


def kinds(followed: list[Placed]) -> list[str]:
    return [type(event).__name__ for _, event in followed]


def text(followed: list[Placed]) -> str:
    """What a client shows as the answer: a snapshot takes back what it had."""
    shown = ""
    for _, event in followed:
        if isinstance(event, TextMessageContent):
            shown += event.delta
        elif isinstance(event, MessagesSnapshot):
            shown = "".join(message.content for message in event.messages if message.id == "r.reply")
    return shown


async def test_every_event_of_the_log_has_an_offset():
    """No two have the same."""
    offsets = [offset for offset, _ in await follow(Run("s", "r"), entries(*WHOLE))]
    assert None not in offsets
    assert len(set(offsets)) == len(offsets) == 8


async def test_a_client_goes_on_behind_each_offset():
    """From wherever it stands, it gets all that follows and nothing else."""
    whole = await follow(Run("s", "r"), entries(*WHOLE))
    for place, (offset, _) in enumerate(whole):
        assert await follow(Run("s", "r", offset, resumed=True), entries(*WHOLE)) == whole[place + 1 :]


async def test_an_answer_that_begins_again_replaces_what_was_sent():
    """What is open is ended, and a snapshot without the reply follows; the run has one start and one end."""
    followed = await follow(Run("s", "r"), entries(*TURN, Restarted(), *WHOLE), past("a", "b"))
    assert kinds(followed) == [
        *("RunStarted", "StateSnapshot", "TextMessageStart", "TextMessageContent", "TextMessageContent"),
        *("TextMessageEnd", "MessagesSnapshot", "StateSnapshot", "TextMessageStart", "TextMessageContent"),
        *("TextMessageContent", "TextMessageEnd", "StateDelta", "RunFinished"),
    ]
    snapshot = next(event for _, event in followed if isinstance(event, MessagesSnapshot))
    assert [message.content for message in snapshot.messages] == ["a", "b", "hi"]
    assert text(followed) == "Hello"


async def test_an_offset_in_an_answer_that_has_begun_again_means_its_start():
    """The client has words that are void."""
    followed = await follow(Run("s", "r", Offset("s", 1, 3, 0), resumed=True), entries(*WHOLE, generation=2))
    assert kinds(followed)[:2] == ["MessagesSnapshot", "StateSnapshot"]
    assert (text(followed), kinds(followed)[-1]) == ("Hello", "RunFinished")


@pytest.mark.parametrize("offset", [Offset("s", 1, 3, 0, mark_of("other")), Offset("t", 1, 3, 0)])
async def test_an_offset_of_another_run_means_the_start(offset: Offset):
    """A client that stops a run and begins another may lose its connection before the first event of the latter."""
    followed = await follow(Run("s", "r", offset, resumed=True), entries(*WHOLE))
    assert followed == await follow(Run("s", "r", resumed=True), entries(*WHOLE))
    assert (kinds(followed)[0], text(followed)) == ("RunStarted", "Hello")


async def test_a_client_without_messages_gets_them():
    """With the question that is being answered, before the answer."""
    followed = await follow(Run("s", "r", resumed=True), entries(*WHOLE), past("a", "b"))
    assert kinds(followed)[:3] == ["RunStarted", "MessagesSnapshot", "StateSnapshot"]
    assert text(followed) == "Hello"


async def test_a_remembered_answer_is_not_sent_twice():
    """If it is in the snapshot, only the state and the end follow."""
    before = past()
    said = [Message("Human", "hi"), Message("AI", "Hello")]
    await before.memory.append_messages(before.session, said, turn_id="r")
    followed = await follow(Run("s", "r", resumed=True), entries(*WHOLE), before)
    assert kinds(followed) == ["RunStarted", "MessagesSnapshot", "StateSnapshot", "RunFinished"]
    assert text(followed) == "Hello"
    state = followed[2][1]
    assert isinstance(state, StateSnapshot)
    assert state.snapshot.memory.messages == 2


async def test_without_an_answer_the_past_is_shown():
    """A run of its own, with a start and an end."""
    followed = await follow(Run("s", "r", resumed=True), entries(), past("a", "b"))
    assert kinds(followed) == ["RunStarted", "MessagesSnapshot", "StateSnapshot", "RunFinished"]
    first, last = followed[0][1], followed[-1][1]
    assert isinstance(first, RunStarted)
    assert isinstance(last, RunFinished)
    assert (first.runId, last.runId) == ("r", "r")


async def test_an_outage_of_the_memory_is_not_taken_for_an_empty_session():
    """No snapshot is made up."""
    memory = FailingMemory()
    memory.load_errors.append(MemoryUnreachable())
    empty = past()
    with pytest.raises(MemoryUnreachable):
        await follow(Run("s", "r", resumed=True), entries(), Past(empty.session, memory, empty.runs))


async def test_the_events_of_another_turn_have_no_offset():
    """A run that shows the answer of another one cannot be resumed by its own name."""
    assert {offset for offset, _ in await follow(Run("s", "other"), entries(*WHOLE))} == {None}


async def test_a_turn_with_the_id_of_its_message_is_that_of_its_run():
    """Its events have offsets, and its reply has the run's name."""
    turn_id = named_turn("r", "m")
    turn = [TurnStarted(turn_id, "hi", "web.1", 1), *WHOLE[1:]]
    followed = await follow(Run("s", "r"), entries(*turn, turn_id=turn_id))
    assert None not in {offset for offset, _ in followed}
    assert {event.messageId for _, event in followed if isinstance(event, TextMessageContent)} == {"r.reply"}
