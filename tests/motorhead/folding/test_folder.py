"""One fold: its tokens are counted, whatever its outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from motorhead.config import FoldSettings, ModelSettings
from motorhead.exceptions import SummaryRefused
from motorhead.folding.folder import Folder, FoldOutcome
from motorhead.folding.marks import marked
from motorhead.folding.summarizer import ModelSummarizer, Summarizer, Summary
from motorhead.metrics import Metrics
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.connection import Command, Reply as StoreReply
from redis_link.link import RedisLink
from tests.support.kit import keys_left, numbered, said
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI

ID = b"s"
SETTINGS = FoldSettings(fold_characters=300)

Answer = Callable[[Request], Reply | str]
Made = Callable[[Answer], Folder]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def folder(
    store: Store, link: RedisLink, scripted_openai: ScriptedOpenAI, metrics: Metrics
) -> AsyncIterator[Made]:
    """Makes a folder with a scripted model."""
    summarizer = ModelSummarizer(ModelSettings(base=scripted_openai.url), 150)

    def made(answer: Answer) -> Folder:
        scripted_openai.default = answer
        return Folder(store, Leases(link), summarizer, SETTINGS, metrics)

    yield made
    await summarizer.close()


async def spent(link: RedisLink) -> tuple[int, int]:
    """The prompt and completion tokens counted in the session."""
    versions = await Versions(link, None).spent(ID)
    return versions.prompt_tokens, versions.completion_tokens


def counted(metrics: Metrics) -> tuple[int, int]:
    """The prompt and completion tokens counted by the process."""
    lines = dict(line.rsplit(" ", 1) for line in metrics.tokens.samples())
    kinds = ("prompt", "completion")
    prompt, completion = (int(lines[f'motorhead_model_tokens_total{{kind="summary {kind}"}}']) for kind in kinds)
    return prompt, completion


async def test_a_refused_summary_is_paid_for(store: Store, link: RedisLink, folder: Made, metrics: Metrics) -> None:
    """The tokens of answers that are not a summary are counted, and the memory's version changes with the count.

    A model that refuses once is asked for a harmless summary, which shows whether it refuses everything.
    """
    await store.append(ID, numbered(0, 13), None, b"-", ())
    before = await store.state(ID)
    with pytest.raises(SummaryRefused):
        await folder(lambda request: Reply("NONE", usage=(100, 10))).fold(ID)
    assert await spent(link) == counted(metrics) == (200, 20)
    after = await store.state(ID)
    assert before is not None
    assert after is not None
    assert (after.tokens, after.folded) == (220, 0)
    assert after.fold_version != before.fold_version


async def test_a_fold_takes_two_round_trips(
    store: Store, link: RedisLink, folder: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is taken together with all that is read, and given back together with the commit."""
    await store.append(ID, numbered(0, 14), None, b"-", ())
    trips: list[list[object]] = []
    replies = link.replies

    async def noted(commands: Sequence[Command]) -> list[StoreReply]:
        trips.append([command[0] for command in commands])
        return await replies(commands)

    monkeypatch.setattr(link, "replies", noted)
    assert await folder(lambda request: "A summary.").fold(ID) is FoldOutcome.DONE
    assert trips == [["SET", "HMGET", "XREVRANGE"], ["EVALSHA", "EVALSHA"]]
    assert await link.execute("EXISTS", SessionKeys(ID).lease) == 0
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (8, "A summary.")


async def test_portions_before_a_refused_one_are_paid_for(
    store: Store, link: RedisLink, folder: Made, metrics: Metrics
) -> None:
    """A message summarised in portions costs the tokens of all portions, even if the last one is refused."""
    big = " ".join(f"w{n}" for n in range(100))
    await store.append(ID, said(big, *["m"] * 12), None, b"-", ())
    answers = iter(["Some.", "NONE", "NONE"])
    with pytest.raises(SummaryRefused):
        await folder(lambda request: Reply(next(answers), usage=(100, 10))).fold(ID)
    assert await spent(link) == counted(metrics) == (300, 30)


SORRY = "I'm sorry, but I can't help with that."


def faithful(request: Request) -> str:
    """A summary that contains the current one and all new lines."""
    current, _, rest = request.text.removeprefix("Current summary:\n").partition("\n\nNew lines of conversation:\n")
    return f"{current}|{rest.removesuffix(chr(10) * 2 + 'New summary:')}".replace("(none yet)|", "")


@pytest.mark.parametrize(
    "refusal", [Reply(SORRY), Reply("NONE"), Reply(""), Reply(status=400), Reply("", finish_reason="content_filter")]
)
@pytest.mark.parametrize("size", [20, 400])
async def test_a_message_that_the_model_refuses_is_folded_with_a_mark(
    store: Store, link: RedisLink, folder: Made, metrics: Metrics, refusal: Reply, size: int
) -> None:
    """However the model refuses it, the others are summarised, and the summary says that one is missing."""
    contents = [f"m{n} " + "x" * size for n in range(13)]
    contents[3] = "POISON " + "x" * size
    await store.append(ID, said(*contents), "good", b"-", ())
    made = folder(lambda request: refusal if "POISON" in request.text else Reply(faithful(request)))
    assert await made.fold(ID) is FoldOutcome.DONE
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.parked) == (6, False)
    assert state.context is not None
    assert state.context.startswith("good|")
    assert [n for n in range(13) if f"m{n} " in state.context] == [0, 1, 2, 4, 5]
    assert "1 message." in state.context
    assert "POISON" not in state.context
    assert [message.content for message in await store.messages(ID, 1, 13, 13)] == contents
    versions = await Versions(link, None).page(ID, None, 50)
    assert sum(version.folded.count for version in versions if version.folded) == 6
    assert "motorhead_summaries_refused_total 1" in metrics.render().decode()


async def test_a_model_that_refuses_by_chance_is_asked_again(
    store: Store, folder: Made, scripted_openai: ScriptedOpenAI
) -> None:
    """A single message is only folded without being summarised if the model refuses it twice."""
    await store.append(ID, said("only", "x" * 16_000), "good", b"-", ())
    made = folder(lambda request: "Bob said more.")
    scripted_openai.enqueue(SORRY, "Bob likes tea.", "Bob said only.")
    assert await made.fold(ID) is FoldOutcome.DONE
    assert scripted_openai.requests[1].text.count("Human:") == 1, "a harmless text shows that the model works"
    assert "good" not in scripted_openai.requests[1].text
    assert "Bob said only." in scripted_openai.requests[3].text


async def test_a_refused_part_of_a_long_message_costs_no_other_part(
    store: Store, folder: Made, scripted_openai: ScriptedOpenAI
) -> None:
    """The parts before and behind it are summarised, and the mark counts the message."""
    words = [f"w{n:04}" for n in range(2_000)]
    words[900] = "POISON"
    await store.append(ID, said(" ".join(words), *["m"] * 12), "good", b"-", ())

    def picky(request: Request) -> Reply | str:
        if "POISON" in request.text:
            return Reply(status=403, error="Your input was flagged.")
        return "Bob counted."

    assert await folder(picky).fold(ID, through=1) is FoldOutcome.DONE
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (1, marked("Bob counted."))
    texts = [request.text for request in scripted_openai.requests if "POISON" not in request.text]
    given = {word for text in texts for word in text.split()} & set(words)
    assert len(given) > 1_800
    assert {"w0000", "w1999"} <= given


async def test_a_long_message_refused_throughout_costs_few_requests(
    store: Store, folder: Made, scripted_openai: ScriptedOpenAI
) -> None:
    """After a few refused parts the rest is left out, too, and the summary of what precedes them stays."""
    await store.append(ID, said("fine " * 600 + "POISON " * 20_000, *["m"] * 12), "good", b"-", ())

    def picky(request: Request) -> Reply | str:
        if "POISON" in request.text:
            return Reply(status=400, error="No.")
        return "Bob is fine." if "fine" in request.text else "Bob is well."

    assert await folder(picky).fold(ID, through=1) is FoldOutcome.DONE
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (1, marked("Bob is fine."))
    assert len(scripted_openai.requests) < 60


async def test_a_summary_that_stays_the_same_covers_the_messages(
    store: Store, folder: Made, scripted_openai: ScriptedOpenAI
) -> None:
    """If the model says that nothing changes, the messages are folded at once, without a mark."""
    await store.append(ID, numbered(0, 13), "Bob likes tea.", b"-", ())
    assert await folder(lambda request: "The summary remains unchanged.").fold(ID) is FoldOutcome.DONE
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (6, "Bob likes tea.")
    assert len(scripted_openai.requests) == 1


async def test_a_model_that_goes_on_for_too_long_refuses_no_text(store: Store, folder: Made) -> None:
    """A summary that is too long is tried again later, and no message is folded without being summarised."""
    await store.append(ID, numbered(0, 13), "good", b"-", ())
    with pytest.raises(SummaryRefused, match="far more than"):
        await folder(lambda request: "x" * 5_000 if "m0" in request.text else "Fine.").fold(ID)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context) == (0, "good")


class Overtaken(Summarizer):
    """A summarizer that triggers an event during its work."""

    def __init__(self, event: Callable[[], Awaitable[object]]) -> None:
        self._event = event

    async def summarize(self, current: str | None, lines: Sequence[str], instructions: str = "") -> Summary:
        """See Summarizer."""
        await self._event()
        return Summary("Some.", 100, 10)


async def overtaken(link: RedisLink, metrics: Metrics, event: Callable[[], Awaitable[object]]) -> FoldOutcome:
    """The outcome of a fold during which ``event`` happens."""
    return await Folder(Store(link), Leases(link), Overtaken(event), SETTINGS, metrics).fold(ID)


async def test_a_stale_fold_is_paid_for(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """A summary that is discarded because of an edit still costs its tokens."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    assert await overtaken(link, metrics, lambda: store.append(ID, [], "mine", b"-", ())) is FoldOutcome.STALE
    assert await spent(link) == counted(metrics) == (100, 10)


async def test_what_was_spent_brings_no_session_back(store: Store, link: RedisLink, metrics: Metrics) -> None:
    """If the session is deleted meanwhile, or started again, tokens are counted only in the metrics."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    assert await overtaken(link, metrics, lambda: store.delete(ID)) is FoldOutcome.STALE
    assert await keys_left(link) == []
    assert counted(metrics) == (100, 10)


async def test_a_damaged_count_hides_no_refusal(store: Store, link: RedisLink, folder: Made) -> None:
    """If the tokens cannot be counted, the model's error is still the one that is raised."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    await link.execute("HSET", SessionKeys(ID).state, "prompt_tokens", "x")
    with pytest.raises(SummaryRefused):
        await folder(lambda request: Reply("NONE", usage=(100, 10))).fold(ID)
