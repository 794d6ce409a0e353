"""One turn: load the memory, ask the model, append the exchange. Knows neither Django nor Redis."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass, field

from chat.domain.events import Event, TextDelta
from chat.domain.exceptions import ChatError, MemoryServerError
from chat.domain.messages import FoldState, Memory
from chat.domain.runs import Turn
from chat.domain.sentences import Situation, sentence
from chat.turns.asking import Question, ask
from chat.turns.exchange import remember
from chat.turns.limit import ModelLimit
from chat.turns.outcome import Answered, Cut, Outcome, Stopped, outcome_of
from chat.turns.ports import Commit, MemoryPort, ModelPort
from chat.turns.recorder import TurnRecorder
from chat.turns.stop import StopSignal


@dataclass(frozen=True, slots=True)
class Persona:
    """The ``system`` text, the whole prompt's ``budget`` in tokens, and the most lines to be ``recalled``.

    ``limit`` is what all turns of a process have learnt about the model.
    """

    system: str
    budget: int
    recalled: int = 0
    limit: ModelLimit = field(default_factory=ModelLimit)


async def run_turn(
    turn: Turn,
    persona: Persona,
    memory: MemoryPort,
    model: ModelPort,
    stop: StopSignal,
    commit: Commit,
    load: Awaitable[Memory] | None = None,
    recorder: TurnRecorder | None = None,
) -> AsyncGenerator[Event]:
    """The turn's events, ending with a terminal one. ``load``: its memory, if that is already being loaded.

    ``recorder`` learns what the model is sent, and when.

    ``commit(reply, stopped, epoch)`` is called when the reply is complete, before it is appended; after it the turn
    can no longer be stopped. The message and the reply are appended together, and only if the model answered; a reply
    that the model cut short is an answer too. The prompt leaves out the messages that the exchange will replace; they
    stay until then. Cancelling before ``commit`` leaves nothing behind; after it, `remember`
    with the same turn id finishes the turn.
    """
    yield turn.started
    recorder = recorder or TurnRecorder(turn, model.name)
    epoch: str | None = None
    reply: list[str] = []
    try:
        loaded = await (load or memory.get_memory(turn.session.memory_id))
        epoch = loaded.epoch
        recorder.load()
        kept = loaded if turn.replace_after is None else loaded.rewound_to(turn.replace_after)
        recalled, trouble = await _recall(memory, turn, loaded, persona.recalled)
        question = Question(persona.system, kept, turn.text, recalled, trouble)
        session = turn.session.memory_id
        events = ask(
            question, model, stop, budget=persona.budget, limit=persona.limit, session=session, note=recorder.ask
        )
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta):
                    recorder.hear()
                    reply.append(event.text)
                yield event
        outcome = outcome_of("".join(reply), stopped=stop.requested)
    except ChatError as error:
        outcome = outcome_of("".join(reply), stopped=stop.requested, error=error)
    recorder.complete()
    outcome = await _written_down(outcome, commit, epoch)
    last = await remember(memory, turn, outcome, epoch=epoch, on_miss=recorder.miss)
    recorder.remember(last)
    yield last


async def _written_down(outcome: Outcome, commit: Commit, epoch: str | None) -> Outcome:
    """The outcome, committed if there is a reply. If the user stopped it first, an answer becomes a stopped one."""
    match outcome:
        case Answered(reply) | Cut(reply):
            if await commit(reply, False, epoch):
                return outcome
            outcome = Stopped(reply)
    if isinstance(outcome, Stopped) and outcome.reply:
        await commit(outcome.reply, True, epoch)
    return outcome


async def _recall(memory: MemoryPort, turn: Turn, loaded: Memory, most: int) -> tuple[list[str], str | None]:
    """Up to ``most`` lines that are not in the ``loaded`` window, closest first, and a sentence if the search failed.

    The turn continues without them: the model still has the summary and the window.
    """
    all_in_window = loaded.window.fold is not FoldState.UNKNOWN and not loaded.window.folded
    if not most or all_in_window:
        return [], None
    try:
        found = await memory.recall(turn.session.memory_id, turn.text)
    except MemoryServerError as error:
        return [], sentence(error, Situation.RECALLING)
    window = {(message.speaker, message.content) for message in loaded.messages}
    lines = [f"{each.speaker}: {each.content}" for each in found if (each.speaker, each.content) not in window]
    return lines[:most], None
