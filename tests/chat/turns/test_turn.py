"""One turn, with a memory in a dict and a scripted model."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from chat.domain.events import (
    Event,
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.domain.exceptions import (
    MemoryUnreachable,
    MessageFolded,
    ModelCut,
    ModelSilent,
    ModelStalled,
    SessionGone,
    TurnConflict,
)
from chat.domain.messages import STOPPED_MARK, Message, Reasoning
from chat.domain.runs import Turn
from chat.domain.sentences import sentence
from chat.domain.session_ids import Session
from chat.turns.exchange import save_again
from chat.turns.stop import StopSignal
from chat.turns.turn import Persona, run_turn
from tests.support.ports import ControlledModel, FailingMemory

SESSION = Session("owner.s1", "chat.owner")
TURN = Turn(SESSION, "t1", "hi im bob", "web.1", 42)


def remembering() -> FailingMemory:
    """A memory with one exchange in the session, which therefore has an epoch."""
    memory = FailingMemory()
    memory.seed(SESSION, "hello", "Hello.")
    return memory


class Journal:
    """Records commits; ``too_late`` means that the user stopped the turn first."""

    def __init__(self, *, too_late: bool = False) -> None:
        self.committed: list[tuple[str, bool, str | None]] = []
        self.too_late = too_late

    async def commit(self, reply: str, stopped: bool, epoch: str | None) -> bool:
        self.committed.append((reply, stopped, epoch))
        return stopped or not self.too_late


async def run(
    memory: FailingMemory, model: ControlledModel, stop: StopSignal | None = None, journal: Journal | None = None
) -> list[Event]:
    journal = journal or Journal()
    turn = run_turn(TURN, Persona("Be brief.", 4000), memory, model, stop or StopSignal(), journal.commit)
    return [event async for event in turn]


async def test_a_turn_loads_asks_and_appends_both_messages_at_once() -> None:
    """The events come in order, and the message and the reply are remembered together."""
    memory, model, journal = remembering(), ControlledModel(), Journal()
    model.say("Hi ", "Bob")
    model.end()
    events = await run(memory, model, journal=journal)
    assert events == [
        TurnStarted("t1", "hi im bob", "web.1", 42),
        MemoryLoaded(None, 2, epoch="e1", tokens={"system": 11, "window": 19, "message": 11}, budget=4000),
        TextDelta("Hi "),
        TextDelta("Bob"),
        TurnFinished("Hi Bob", epoch="e1"),
    ]
    assert memory.said("owner.s1")[2:] == [Message("Human", "hi im bob"), Message("AI", "Hi Bob")]
    assert journal.committed == [("Hi Bob", False, "e1")]


async def test_memory_that_cannot_be_loaded_keeps_the_model_from_being_asked() -> None:
    """If the memory cannot be loaded, the turn fails and the model is not asked."""
    memory, model = remembering(), ControlledModel()
    memory.load_errors = [MemoryUnreachable()]
    assert (await run(memory, model))[-1] == TurnFailed(
        "memory_unreachable", "Memory is unreachable. Your message is kept here.", retryable=True
    )
    assert model.prompts == []


async def test_a_model_that_breaks_off_leaves_nothing_in_the_memory() -> None:
    """A reply that breaks off is not remembered, and the failure contains the text so far."""
    memory, model = remembering(), ControlledModel()
    model.say("Hi")
    model.fail(ModelStalled())
    failed = (await run(memory, model))[-1]
    assert isinstance(failed, TurnFailed)
    assert (failed.code, failed.reply, memory.appends) == ("model_stalled", "Hi", [])


@pytest.mark.parametrize("cut", ["length", "content_filter"])
async def test_an_answer_that_the_model_cut_short_is_remembered_and_says_so(cut: str) -> None:
    """A reply that the model cut short is remembered, and the event says so."""
    memory, model, journal = remembering(), ControlledModel(), Journal()
    model.say("As far as ", "this")
    model.fail(ModelCut(cut))
    assert (await run(memory, model, journal=journal))[-1] == TurnFinished("As far as this", epoch="e1", cut=cut)
    assert memory.said("owner.s1")[-1] == Message("AI", "As far as this")
    assert journal.committed == [("As far as this", False, "e1")]


async def test_an_answer_that_was_cut_short_and_not_remembered_says_both() -> None:
    """A cut reply that was not remembered reports both the cut and the reason."""
    memory, model = remembering(), ControlledModel()
    memory.append_errors = [MemoryUnreachable()]
    model.say("Hi")
    model.fail(ModelCut("length"))
    reason = str(MemoryUnreachable())
    ended = TurnFinished("Hi", remembered=False, reason=reason, epoch="e1", cut="length")
    assert (await run(memory, model))[-1] == ended


async def test_an_answer_that_was_cut_before_its_first_word_fails() -> None:
    """A cut before the first word is a failure, and nothing is remembered."""
    memory, model = remembering(), ControlledModel()
    model.fail(ModelCut("content_filter"))
    error = ModelCut("content_filter")
    assert (await run(memory, model))[-1] == TurnFailed("model_cut", str(error), retryable=True)
    assert memory.appends == []


async def test_reasoning_is_an_event_and_never_remembered() -> None:
    """Reasoning streams before the text, and is neither in the reply nor in the memory."""
    memory, model, journal = remembering(), ControlledModel(), Journal()
    model.say(Reasoning("Who is "), Reasoning("Bob?"), "Hi ", "Bob")
    model.end()
    _, _, *deltas, ended, first, second, finished = await run(memory, model, journal=journal)
    assert deltas == [ReasoningDelta("Who is "), ReasoningDelta("Bob?")]
    assert isinstance(ended, ReasoningEnded)
    assert (first, second, finished) == (TextDelta("Hi "), TextDelta("Bob"), TurnFinished("Hi Bob", epoch="e1"))
    assert memory.said("owner.s1")[-1] == Message("AI", "Hi Bob")
    assert journal.committed == [("Hi Bob", False, "e1")]


@pytest.mark.parametrize("error", [None, ModelStalled(), ModelCut("length", thinking=True)])
async def test_a_turn_that_ends_while_the_model_thinks_leaves_nothing_in_the_memory(
    error: ModelCut | ModelStalled | None,
) -> None:
    """An end, an error or a cut before the first word of the answer is a failure, which says so."""
    memory, model = remembering(), ControlledModel()
    model.say(Reasoning("Who is Bob?"))
    if error:
        model.fail(error)
    else:
        model.end()
    why = error or ModelSilent()
    assert (await run(memory, model))[-1] == TurnFailed(why.code, sentence(why), retryable=True)
    assert memory.appends == []


async def test_a_stop_while_the_model_thinks_leaves_nothing_in_the_memory() -> None:
    """A turn that is stopped before the first word of its answer is not remembered."""
    memory, model, stop = remembering(), ControlledModel(), StopSignal()
    model.say(Reasoning("Who is Bob?"))
    turn = run_turn(TURN, Persona("Be brief.", 4000), memory, model, stop, Journal().commit)
    events = []
    async for event in turn:
        events.append(event)
        if isinstance(event, ReasoningDelta):
            stop.request()
    assert events[-1] == TurnStopped("", remembered=False)
    assert memory.appends == []


async def test_an_append_that_fails_gives_the_reply_as_not_remembered() -> None:
    """If the append fails, the event contains the reply so that it can be saved again."""
    memory, model = remembering(), ControlledModel()
    memory.append_errors = [MemoryUnreachable()]
    model.say("Hi Bob")
    model.end()
    finished = (await run(memory, model))[-1]
    assert finished == TurnFinished("Hi Bob", remembered=False, reason=sentence(MemoryUnreachable()), epoch="e1")
    for _ in range(2):
        await save_again(memory, SESSION, "t1", TURN.text, "Hi Bob", stopped=False, epoch="e1")
    assert [m.content for m in memory.said("owner.s1")[2:]] == ["hi im bob", "Hi Bob"]


async def test_a_session_deleted_meanwhile_is_not_brought_back() -> None:
    """The append to a session deleted in the meantime is refused, and the turn says so."""
    memory, model = remembering(), ControlledModel()
    memory.append_errors = [SessionGone()]
    model.say("Hi Bob")
    model.end()
    finished = (await run(memory, model))[-1]
    assert isinstance(finished, TurnFinished)
    assert (finished.remembered, finished.reason) == (False, str(SessionGone()))


async def test_a_turn_id_with_other_words_fails_and_cannot_be_saved_again() -> None:
    """A turn id with a different text is a failure, and cannot be saved again."""
    memory, model = remembering(), ControlledModel()
    memory.append_errors = [TurnConflict()]
    model.say("Hi Bob")
    model.end()
    failed = (await run(memory, model))[-1]
    assert isinstance(failed, TurnFailed)
    assert failed.code == "turn_conflict"


async def test_stopping_a_stream_that_waits_keeps_what_was_seen() -> None:
    """A stop interrupts a silent model, and the reply so far is remembered, marked as stopped."""
    memory, model, stop, journal = remembering(), ControlledModel(), StopSignal(), Journal()
    model.say("Once upon")
    turn = run_turn(TURN, Persona("", 4000), memory, model, stop, journal.commit)
    events: list[Event] = []
    async for event in turn:
        events.append(event)
        if event == TextDelta("Once upon"):
            asyncio.get_running_loop().call_soon(stop.request)
    assert events[-1] == TurnStopped("Once upon", epoch="e1")
    assert memory.said("owner.s1")[-1].content == "Once upon" + STOPPED_MARK
    assert journal.committed == [("Once upon", True, "e1")]
    assert model.closed == 1


async def test_stopping_before_the_first_word_leaves_nothing() -> None:
    """A turn stopped before its first word leaves nothing in the memory."""
    memory, model, stop = remembering(), ControlledModel(), StopSignal()
    stop.request()
    assert (await run(memory, model, stop))[-1] == TurnStopped("", remembered=False)
    assert (model.prompts, memory.appends) == ([], [])


async def test_a_stop_that_comes_while_committing_wins_over_the_finish() -> None:
    """A stop that arrives during the commit keeps the whole reply as stopped."""
    memory, model, journal = remembering(), ControlledModel(), Journal(too_late=True)
    model.say("Hi Bob")
    model.end()
    assert (await run(memory, model, journal=journal))[-1] == TurnStopped("Hi Bob", epoch="e1")
    assert journal.committed == [("Hi Bob", False, "e1"), ("Hi Bob", True, "e1")]


async def test_cancelling_a_turn_is_not_stopping_it() -> None:
    """Cancelling a turn closes the model's stream and leaves nothing in the memory."""
    memory, model = remembering(), ControlledModel()
    task = asyncio.create_task(run(memory, model))
    await model.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (memory.appends, model.closed) == ([], 1)


async def test_recalled_lines_go_into_the_prompt_unless_the_window_has_them() -> None:
    """Up to the persona's number of recalled lines, closest first, are in the prompt and in the event."""
    memory, model = FailingMemory(window_size=2), ControlledModel()
    memory.seed(SESSION, "hello", "Hello.", "I like jazz")
    memory.near = [Message("Human", text) for text in ("I like jazz", "my cat is Lemmy", "I live here", "and there")]
    model.say("Hi")
    model.end()
    turn = run_turn(TURN, Persona("", 4000, recalled=2), memory, model, StopSignal(), Journal().commit)
    loaded = [event async for event in turn][1]
    assert isinstance(loaded, MemoryLoaded)
    assert loaded.recalled == ("Human: my cat is Lemmy", "Human: I live here")
    assert "Human: my cat is Lemmy" in model.prompts[0][0].text


async def test_a_recalled_reply_is_the_models_whatever_its_role_is_called() -> None:
    """A reply under another name of the model is recognised in the window, and has one label in the prompt."""
    memory, model = FailingMemory(window_size=2), ControlledModel()
    memory.seed(SESSION, "hello", "Hello.", "I like jazz", "Me too.")
    memory.near = [Message("assistant", "Me too."), Message("bot", "I like amps.")]
    model.say("Hi")
    model.end()
    turn = run_turn(TURN, Persona("", 4000, recalled=2), memory, model, StopSignal(), Journal().commit)
    loaded = [event async for event in turn][1]
    assert isinstance(loaded, MemoryLoaded)
    assert loaded.recalled == ("AI: I like amps.",)


async def test_a_recall_that_fails_is_reported_and_the_turn_goes_on() -> None:
    """If the recall fails the turn continues, and the event says why."""
    memory, model = FailingMemory(window_size=2), ControlledModel()
    memory.seed(SESSION, "hello", "Hello.", "I like jazz")
    memory.near = MemoryUnreachable()
    model.say("Hi")
    model.end()
    turn = run_turn(TURN, Persona("", 4000, recalled=2), memory, model, StopSignal(), Journal().commit)
    events = [event async for event in turn]
    assert isinstance(events[1], MemoryLoaded)
    assert events[1].trouble is not None
    assert events[-1] == TurnFinished("Hi", epoch="e1")


async def test_an_empty_reply_is_a_failure() -> None:
    """An empty reply is a failure, and nothing is remembered."""
    memory, model = remembering(), ControlledModel()
    model.end()
    failed = (await run(memory, model))[-1]
    assert isinstance(failed, TurnFailed)
    assert (failed.code, memory.appends) == ("model_silent", [])


async def test_half_a_character_of_the_model_does_not_break_the_turn() -> None:
    """Half a character, legal only in JSON, is replaced before it reaches the log and the memory."""
    memory, model = remembering(), ControlledModel()
    model.say("a\ud83d", "b")
    model.end()
    assert (await run(memory, model))[-1] == TurnFinished("a?b", epoch="e1")


async def replaced(memory: FailingMemory, model: ControlledModel, after: str) -> list[Event]:
    turn = replace(TURN, replace_after=after)
    return [e async for e in run_turn(turn, Persona("", 4000, 5), memory, model, StopSignal(), Journal().commit)]


async def test_a_turn_replaces_an_exchange_once_it_is_remembered() -> None:
    """The prompt has nothing of the old exchange, also not as recalled lines; one append withdraws and appends."""
    memory, model = remembering(), ControlledModel()
    memory.seed(SESSION, "old question", "old answer")
    await memory.fold(SESSION.memory_id, through="1")
    memory.near = [Message("Human", "old question"), Message("Human", "something else")]
    model.say("new answer")
    model.end()
    events = await replaced(memory, model, "2")
    assert events[0] == TurnStarted("t1", "hi im bob", "web.1", 42, "2")
    assert isinstance(events[-1], TurnFinished)
    prompt = "\n".join(str(message.content) for message in model.prompts[0])
    assert "old" not in prompt
    assert "something else" in prompt
    said = [message.content for message in memory.said(SESSION.memory_id)]
    assert said == ["hello", "Hello.", "hi im bob", "new answer"]


async def test_a_failed_turn_replaces_nothing() -> None:
    """If the model fails, the old exchange stands."""
    memory, model = remembering(), ControlledModel()
    model.fail(ModelStalled(begun=False))
    events = await replaced(memory, model, "0")
    assert isinstance(events[-1], TurnFailed)
    assert [message.content for message in memory.said(SESSION.memory_id)] == ["hello", "Hello."]


async def test_a_folded_exchange_is_not_replaced() -> None:
    """The model is not asked, and the sentence says what to do."""
    memory, model = remembering(), ControlledModel()
    await memory.fold(SESSION.memory_id, through="2")
    events = await replaced(memory, model, "1")
    assert events[-1] == TurnFailed("message_folded", sentence(MessageFolded()), retryable=False)
    assert model.prompts == []


async def test_a_fold_that_comes_first_wins() -> None:
    """If the exchange is folded while the model answers, nothing is appended, and the reply stays on the page."""
    memory, model = remembering(), ControlledModel()
    memory.append_errors = [MessageFolded()]
    model.say("new answer")
    model.end()
    last = (await replaced(memory, model, "1"))[-1]
    assert last == TurnFailed("message_folded", sentence(MessageFolded()), retryable=False, reply="new answer")
