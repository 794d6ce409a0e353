"""What turns' models were sent, over a real Valkey and a real connection to a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from redis.asyncio import Redis

from chat.domain.events import Event
from chat.domain.exceptions import RunFenced
from chat.domain.messages import Message
from chat.domain.prompts import PartKind, PromptPart, PromptRecord, SentPrompt, TurnEnd, messages_of
from chat.model.client import ChatModel
from chat.runs import prompts
from chat.runs.answering import Answering
from chat.runs.keys import prompt_key
from chat.runs.live import LiveRun
from chat.runs.log import RETENTION, RunLog
from chat.runs.process import ProcessRuns
from chat.runs.prompts import END, SENT, UNENDED, bounded, decode_record, encode_sent, keep_command
from chat.runs.records import Batch
from chat.turns.recorder import digest
from chat.turns.turn import Persona
from tests.chat.runs.faulty import SESSION, begun
from tests.support.ports import ControlledModel, FailingMemory
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE

NAME = SESSION.memory_id


def sent(*texts: str, attempt: int = 1, worker: str = "web.1") -> SentPrompt:
    parts = tuple(PromptPart(PartKind.WINDOW, text, 9, "user", "\n\n", "7") for text in texts)
    return SentPrompt(parts, 4000, 2, attempt, 1, "gpt", worker, 42, "here", 0.1, 0.2)


WHOLE = TurnEnd("web.1", 42, "here", 0.3, 1.5, 1.6, "abc")


@pytest.fixture
async def model(scripted_openai: ScriptedOpenAI) -> AsyncIterator[ChatModel]:
    """A model over HTTP."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    yield model
    await model.aclose()


async def carried_out(log: RunLog, answering: Answering) -> PromptRecord | None:
    """The record of a turn that was answered."""
    run = await begun(log)
    runs = ProcessRuns(log, lambda: None)
    runs.launch(run, answering.answer(run))
    assert run.task
    await run.task
    return await log.prompt(NAME, "t1")


@pytest.mark.parametrize("odd", [False, True])
async def test_the_parts_are_exactly_what_the_request_contained(
    log: RunLog, model: ChatModel, scripted_openai: ScriptedOpenAI, *, odd: bool
) -> None:
    """Joined, the parts that are kept are the messages in the body of the request, of every kind, to the letter."""
    memory = FailingMemory(window_size=3)
    memory.near = [Message("Human", "I like <b>figs</b> {x}")]
    memory.seed(SESSION, *(f"said {number}" for number in range(8 + odd)))
    scripted_openai.enqueue(Reply("Hi"))
    record = await carried_out(log, Answering(log, memory, model, Persona("Be brief.", 4000, 3), "web.2"))
    assert record is not None
    (asked,) = (request.body["messages"] for request in scripted_openai.requests)
    assert list(messages_of(record.sent.parts)) == [(message["role"], message["content"]) for message in asked]
    assert {part.kind for part in record.sent.parts} == set(PartKind)
    assert record.sent.model == "scripted"
    assert record.end is not None
    assert record.end.reply == digest("Hi")
    steps: Sequence[float | None]
    steps = (record.sent.loaded, record.sent.asked, record.end.first, record.end.whole, record.end.appended)
    assert None not in steps
    assert list(steps) == sorted(step for step in steps if step is not None)


async def test_a_prompt_is_known_while_its_answer_is_written(log: RunLog, client: Redis) -> None:
    """It is kept with the next entries, once, and the end of the record when the turn ends, which is then forgotten."""
    run = await begun(log, "H")
    await log.write([Batch(NAME, "t1", 1, 1, [], sent("a"))])
    assert await log.prompt(NAME, "t1") == PromptRecord(sent("a"))
    await log.write([Batch(NAME, "t1", 1, 1, [], sent("b", attempt=2))])
    assert RETENTION < await client.pttl(prompt_key(NAME, "t1")) <= UNENDED
    await log.finish(Batch(NAME, "t1", 1, 1, list[Event](run.events[1:]), end=WHOLE))
    assert await log.prompt(NAME, "t1") == PromptRecord(sent("b", attempt=2), WHOLE)
    assert 0 < await client.pttl(prompt_key(NAME, "t1")) <= RETENTION
    assert await log.ended(NAME) == ["t1"]
    await log.forget(NAME)
    assert (await log.prompt(NAME, "t1"), await log.ended(NAME)) == (None, [])
    assert await client.exists(prompt_key(NAME, "t1")) == 0


async def test_a_worker_that_was_only_asleep_keeps_nothing(lapsing: RunLog) -> None:
    """What the next worker's model was sent stays, whatever the former one writes or ends with."""
    await begun(lapsing)
    await lapsing.take_over(NAME, "t1", 1)
    await lapsing.write([Batch(NAME, "t1", 2, 1, [], sent("new", worker="web.2"))])
    await lapsing.write([Batch(NAME, "t1", 1, 1, [], sent("old"))])
    with pytest.raises(RunFenced):
        await lapsing.finish(Batch(NAME, "t1", 1, 1, [], sent("old"), WHOLE))
    assert await lapsing.prompt(NAME, "t1") == PromptRecord(sent("new", worker="web.2"))


async def test_a_reply_that_is_only_appended_keeps_the_prompt_of_the_worker_before(
    lapsing: RunLog,
) -> None:
    """The record says who asked the model, and who ended the turn."""
    await begun(lapsing)
    await lapsing.write([Batch(NAME, "t1", 1, 1, [], sent("a"))])
    await lapsing.commit(Batch(NAME, "t1", 1, 1, []), "Hi", stopped=False, epoch=None)
    claim = await lapsing.take_over(NAME, "t1", 1)
    assert claim is not None
    answering = Answering(lapsing, FailingMemory(), ControlledModel(), Persona("", 4000), "web.2")
    run = LiveRun(answering.turn(SESSION, "t1", "hi"), claim.generation)
    runs = ProcessRuns(lapsing, lambda: None)
    runs.launch(run, answering.append_again(run, claim))
    assert run.task
    await run.task
    record = await lapsing.prompt(NAME, "t1")
    assert record is not None
    assert record.end is not None
    assert (record.sent, record.end.worker, record.ended_elsewhere) == (sent("a"), "web.2", True)
    assert (record.end.first, record.end.reply) == (None, digest("Hi"))


def test_text_is_kept_compressed_and_up_to_a_limit() -> None:
    """Short texts stay whole; the longest are cut alike, and their rest is counted."""
    assert decode_record(encode_sent(sent("é\n" * 1000)), None) == PromptRecord(sent("é\n" * 1000))
    assert len(encode_sent(sent("a word or two " * 1000))) < 1000
    huge = tuple(PromptPart(PartKind.WINDOW, text, 9, "user") for text in ("short", "x" * 10**6, "y" * 200_000))
    short, first, second = bounded(huge)
    assert short == huge[0]
    assert len(first.text) == len(second.text)
    assert prompts.MOST_KEPT - 2 <= sum(len(part.text) for part in (short, first, second)) <= prompts.MOST_KEPT
    assert (len(first.text) + first.cut, len(second.text) + second.cut) == (10**6, 200_000)


def test_nothing_is_kept_of_a_batch_without_a_prompt() -> None:
    """Most batches have entries only, and take no further command."""
    assert keep_command(Batch(NAME, "t1", 1, 1, []), RETENTION) is None
    command = keep_command(Batch(NAME, "t1", 1, 1, [], sent("a"), WHOLE), RETENTION)
    assert command is not None
    assert (command[-4], command[-2]) == (SENT, END)


def test_there_is_no_record_without_a_prompt() -> None:
    """A turn may end before its model is asked."""
    assert decode_record(None, b'{"worker": "web.1", "pid": 42, "host": "here"}') is None
