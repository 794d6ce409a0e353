"""Asking a model that cannot read everything, with a model that counts tokens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest
from langchain_core.messages import BaseMessage

from chat.domain.events import Delta, MemoryLoaded, TextDelta
from chat.domain.exceptions import PromptTooLong
from chat.domain.messages import Memory, Message, Window
from chat.turns.asking import MOST_PROMPTS, Question, ask
from chat.turns.limit import REMEMBERED, ModelLimit
from chat.turns.prompt import CHARACTERS_PER_TOKEN
from chat.turns.stop import StopSignal

#: A message of 1,000 estimated tokens.
LONG = "x" * 992 * CHARACTERS_PER_TOKEN


class ShortModel:
    """A model that reads ``context`` tokens, of ``characters`` each; it names its limit only if it ``tells``."""

    name = "short"

    def __init__(self, context: int, *, tells: bool, characters: float = CHARACTERS_PER_TOKEN) -> None:
        self.context, self.tells, self.characters = context, tells, characters
        self.asked: list[int] = []

    async def stream_reply(self, messages: Sequence[BaseMessage]) -> AsyncGenerator[str]:
        tokens = int(sum(len(message.text) for message in messages) / self.characters)
        self.asked.append(tokens)
        if tokens > self.context:
            raise PromptTooLong(self.context if self.tells else None)
        yield "Hi"


def window(count: int, context: str | None = None) -> Memory:
    """A memory with ``count`` long messages."""
    return Memory(tuple(Message(("Human", "AI")[i % 2], LONG) for i in range(count)), context, 0, Window(12))


async def asked(
    memory: Memory,
    model: ShortModel,
    limit: ModelLimit,
    text: str = "hi",
    budget: int = 12_000,
    session: str = "s",
    recalled: Sequence[str] = (),
) -> list[MemoryLoaded | Delta]:
    events = ask(
        Question("S", memory, text, recalled), model, StopSignal(), budget=budget, limit=limit, session=session
    )
    return [event async for event in events]


@pytest.mark.parametrize("tells", [True, False])
async def test_older_messages_are_left_out_until_the_model_can_read_the_rest(*, tells: bool) -> None:
    """The last description holds: how many messages the prompt has, and how many were left out."""
    model = ShortModel(4096, tells=tells)
    *described, reply = await asked(window(11), model, ModelLimit())
    assert reply == TextDelta("Hi")
    last = described[-1]
    assert isinstance(last, MemoryLoaded)
    tokens = {"system": 8, "window": 11_000, "message": 8}
    assert described[0] == MemoryLoaded(None, 11, 0, tokens=tokens, budget=12_000)
    assert last.messages + last.omitted == 11
    assert 1 <= last.messages <= 4
    assert len(described) == len(model.asked) <= 4


@pytest.mark.parametrize("tells", [True, False])
async def test_the_next_turn_does_not_fail_first(*, tells: bool) -> None:
    """What one turn has learnt, the later turns of its session know, for an hour."""
    now = 0.0
    model, limit = ShortModel(4096, tells=tells), ModelLimit(clock=lambda: now)
    await asked(window(11), model, limit)
    model.asked.clear()
    described, _ = await asked(window(12), model, limit)
    assert isinstance(described, MemoryLoaded)
    assert described.omitted >= 8
    assert len(model.asked) == 1
    now = REMEMBERED
    await asked(window(12), model, limit)
    assert len(model.asked) > 2


@pytest.mark.parametrize(("tells", "others"), [(True, 3072), (False, 12_000)])
async def test_text_of_many_tokens_does_not_lower_the_limit_for_other_sessions(*, tells: bool, others: int) -> None:
    """A limit that the model names holds for all; an estimate that was too low concerns one session."""
    model, limit = ShortModel(4096, tells=tells, characters=1), ModelLimit()
    *_, reply = await asked(window(3), model, limit, session="dense")
    assert reply == TextDelta("Hi")
    assert limit.within(12_000, "another") == others
    model.asked.clear()
    await asked(window(3), model, limit, session="dense")
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("memory", "text", "reason"),
    [(window(4), LONG * 5, "message"), (window(4, LONG * 5), "hi", "session"), (window(0), LONG * 5, "message")],
)
async def test_what_is_too_long_by_itself_is_named(memory: Memory, text: str, reason: str) -> None:
    """Without anything left to leave out, the turn fails, and later turns are asked with the whole budget."""
    model, limit = ShortModel(4096, tells=True), ModelLimit()
    with pytest.raises(PromptTooLong) as failed:
        await asked(memory, model, limit, text)
    assert (failed.value.reason, failed.value.retryable) == (reason, False)
    assert len(model.asked) <= 2
    assert limit.within(12_000, "s") == 12_000


async def test_a_window_without_a_word_leaves_nothing_to_leave_out() -> None:
    """Blank messages and results of tools were not sent, so asking again without them would be the same prompt."""
    silent = Memory((Message("Human", " "), Message("tool", LONG)), None, 0, Window(12))
    model = ShortModel(-1, tells=False)
    with pytest.raises(PromptTooLong):
        await asked(silent, model, ModelLimit())
    assert len(model.asked) == 1


@pytest.mark.parametrize(("context", "lines"), [(2048, 1), (512, 0)])
async def test_recalled_lines_are_left_out_as_well(context: int, lines: int) -> None:
    """Also if the window is empty, as after going back to the last fold."""
    model = ShortModel(context, tells=False)
    *described, reply = await asked(window(0), model, ModelLimit(), recalled=[LONG] * 4)
    assert reply == TextDelta("Hi")
    assert isinstance(described[-1], MemoryLoaded)
    assert len(described[-1].recalled) == lines


async def test_a_model_that_refuses_everything_is_not_asked_for_ever() -> None:
    """The number of prompts of a turn is bounded."""
    model = ShortModel(-1, tells=False)
    many = Memory(tuple(Message("Human", "x") for _ in range(10_000)), None, 0, Window(12))
    with pytest.raises(PromptTooLong):
        await asked(many, model, ModelLimit(), budget=10_000_000)
    assert len(model.asked) == MOST_PROMPTS


async def test_a_stop_ends_the_asking() -> None:
    """A stop between two prompts keeps the second from being sent."""
    model, stop, events = ShortModel(4096, tells=True), StopSignal(), []
    question, limit = Question("S", window(11), "hi"), ModelLimit()
    async for event in ask(question, model, stop, budget=12_000, limit=limit, session="s"):
        events.append(event)
        if len(events) == 2:
            stop.request()
    assert len(events) == 2
    assert len(model.asked) == 1
