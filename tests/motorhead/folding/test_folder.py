"""One fold: its tokens are counted, whatever its outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from motorhead.config import FoldSettings, ModelSettings
from motorhead.exceptions import SummaryRefused
from motorhead.folding.folder import Folder, FoldOutcome
from motorhead.folding.summarizer import ModelSummarizer, Summarizer, Summary
from motorhead.metrics import Metrics
from motorhead.sessions.versions import Versions
from motorhead.store.keys import SessionKeys
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import keys_left, numbered, said
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI

ID = b"s"
SETTINGS = FoldSettings(fold_characters=300)

Answer = Callable[[Request], Reply]
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
    lines = dict(line.rsplit(" ", 1) for line in metrics.tokens.lines())
    kinds = ("prompt", "completion")
    prompt, completion = (int(lines[f'motorhead_model_tokens_total{{kind="summary {kind}"}}']) for kind in kinds)
    return prompt, completion


async def test_a_refused_summary_is_paid_for(store: Store, link: RedisLink, folder: Made, metrics: Metrics) -> None:
    """The tokens of an answer that is not a summary are counted, and the memory's version changes with the count."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    before = await store.state(ID)
    with pytest.raises(SummaryRefused):
        await folder(lambda request: Reply("NONE", usage=(100, 10))).fold(ID)
    assert await spent(link) == counted(metrics) == (100, 10)
    after = await store.state(ID)
    assert before is not None
    assert after is not None
    assert (after.tokens, after.folded) == (110, 0)
    assert after.fold_version != before.fold_version


async def test_portions_before_a_refused_one_are_paid_for(
    store: Store, link: RedisLink, folder: Made, metrics: Metrics
) -> None:
    """A message summarised in portions costs the tokens of all portions, even if the last one is refused."""
    big = " ".join(f"w{n}" for n in range(100))
    await store.append(ID, said(big, *["m"] * 12), None, b"-", ())
    answers = iter(["Some.", "NONE"])
    with pytest.raises(SummaryRefused):
        await folder(lambda request: Reply(next(answers), usage=(100, 10))).fold(ID)
    assert await spent(link) == counted(metrics) == (200, 20)


class Overtaken(Summarizer):
    """A summarizer that triggers an event during its work."""

    def __init__(self, event: Callable[[], Awaitable[object]]) -> None:
        self._event = event

    async def summarize(self, current: str | None, lines: Sequence[str]) -> Summary:
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
