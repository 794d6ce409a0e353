"""Writing folds: as much text at a time as the model takes, and no part of a long message twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from motorhead.config import FoldSettings
from motorhead.exceptions import (
    ModelBusy,
    ModelError,
    ModelFailed,
    SummaryCut,
    SummaryRefused,
    TextRefused,
    TextTooLarge,
)
from motorhead.folding.writer import FoldWriter
from motorhead.metrics import Metrics
from motorhead.sessions.versions import Versions
from motorhead.store.connect import link_to
from motorhead.store.store import Store
from redis_link.address import parse_address
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, numbered, said

ID = b"s"
LONG = " ".join(f"w{n}" for n in range(2_000))
Order = ModelError | Callable[[], Awaitable[object]]


async def fine() -> None:
    """An order to answer at once."""


class Folds:
    """Folds whole sessions with one writer, as one process does."""

    def __init__(self, store: Store, characters: int = 1_000) -> None:
        self.store = store
        self.summarizer = ObedientSummarizer()
        self.writer = FoldWriter(store, self.summarizer, FoldSettings(fold_characters=characters), Metrics())

    async def fold(self, *orders: Order, session_id: bytes = ID) -> bool:
        """Try to fold everything while the model follows ``orders``; False if the session changed meanwhile."""
        self.summarizer.orders = list(orders)
        while (state := await self.store.state(session_id)) is not None and state.unfolded:
            messages = await self.store.messages(session_id, state.folded + 1, state.last, 100)
            fold = await self.writer.write(session_id, state, messages)
            if not await self.store.commit_fold(session_id, fold):
                await self.writer.discard(session_id, fold)
                return False
            self.writer.forget(session_id)
        return True

    @property
    def sizes(self) -> list[int]:
        """The characters of the lines in each request so far."""
        return [len("\n".join(lines)) for _, lines in self.summarizer.calls]


@pytest.fixture
def folds(store: Store) -> Folds:
    return Folds(store)


async def summary(store: Store) -> str:
    """The summary of the session, as the text of all parts that it was made of."""
    state = await store.state(ID)
    assert state is not None
    return (state.context or "").replace("|", "")


@pytest.mark.parametrize(
    "error", [ModelBusy("Wait."), ModelFailed("Fails."), SummaryRefused("None."), TextRefused("No.")]
)
async def test_a_failure_within_a_long_message_costs_no_answer_again(
    store: Store, folds: Folds, error: ModelError
) -> None:
    """The next try goes on with the part that failed; in the end each part was answered once."""
    await store.append(ID, said(LONG), None, b"-", ())
    smallest = [error] * 8  # a refused text is halved before the fold gives up
    with pytest.raises(type(error)):
        await folds.fold(fine, fine, fine, *smallest)
    done = folds.summarizer.calls[:3]
    folds.summarizer.calls.clear()
    assert await folds.fold()
    assert await summary(store) == LONG
    assert folds.summarizer.calls[0][0] == "|".join(line.partition(": ")[2] for _, [line] in done)
    texts = [line.partition(": ")[2] for _, [line] in (*done, *folds.summarizer.calls)]
    assert "".join(texts) == LONG


async def test_every_token_of_a_long_message_is_counted_once(store: Store, link: RedisLink, folds: Folds) -> None:
    """The session has been charged for all answers, however many tries they were spread over."""
    await store.append(ID, said(LONG), None, b"-", ())
    for _ in range(3):
        with pytest.raises(ModelBusy):
            await folds.fold(fine, fine, ModelBusy("Wait."))
    assert await folds.fold()
    answers = len(folds.summarizer.calls) - 3
    versions = await Versions(link, None).spent(ID)
    assert (versions.prompt_tokens, versions.completion_tokens) == (10 * answers, 5 * answers)


async def test_an_edited_session_begins_a_long_message_again(store: Store, folds: Folds) -> None:
    """What was summarised on top of another context is not used."""
    await store.append(ID, said(LONG), None, b"-", ())
    with pytest.raises(ModelBusy):
        await folds.fold(fine, fine, ModelBusy("Wait."))
    await store.append(ID, [], "Edited. ", b"-", ())
    assert await folds.fold()
    assert await summary(store) == f"Edited. {LONG}"


async def test_a_model_with_a_smaller_context_is_given_less_from_then_on(store: Store, folds: Folds) -> None:
    """The size that went through is remembered for other sessions, too; messages are summarised once."""
    for name in (ID, b"other"):
        await store.append(name, said(*["x" * 90] * 20), None, b"-", ())
    assert await folds.fold(TextTooLarge("Too much."))
    assert folds.sizes[0] > 500
    assert max(folds.sizes[1:]) <= 500
    folds.summarizer.calls.clear()
    assert await folds.fold(session_id=b"other")
    assert max(folds.sizes) <= 500
    assert await summary(store) == "x" * 1_800


async def test_a_context_that_is_exceeded_within_a_long_message_repeats_no_part(store: Store, folds: Folds) -> None:
    """The parts done stay done, and the rest is given in smaller parts."""
    await store.append(ID, said(LONG), None, b"-", ())
    assert await folds.fold(fine, fine, TextTooLarge("Too much."))
    assert await summary(store) == LONG
    assert max(folds.sizes[3:]) <= 500
    assert len(folds.sizes) < 2 + 1 + (len(LONG) - 1_600) / 250


@pytest.mark.parametrize("error", [TextRefused("No."), SummaryCut("Cut short.")])
async def test_a_text_that_is_refused_says_nothing_about_other_texts(
    store: Store, folds: Folds, error: ModelError
) -> None:
    """After a text was refused, or its summary cut short, other sessions are given the full size."""
    for name in (ID, b"other"):
        await store.append(name, said(*["x" * 90] * 20), None, b"-", ())
    assert await folds.fold(error)
    folds.summarizer.calls.clear()
    assert await folds.fold(session_id=b"other")
    assert max(folds.sizes) > 500


async def test_a_text_that_does_not_fit_beside_the_context_is_given_up(store: Store, folds: Folds) -> None:
    """If even the smallest batch exceeds the model's context, the fold fails, and other sessions are not affected."""
    await store.append(ID, numbered(0, 4), "x" * 5_000, b"-", ())
    with pytest.raises(TextTooLarge):
        await folds.fold(*[TextTooLarge("Too much.")] * 5)
    await store.append(b"other", said(*["x" * 90] * 20), None, b"-", ())
    folds.summarizer.calls.clear()
    assert await folds.fold(session_id=b"other")
    assert max(folds.sizes) > 500


failures = st.sampled_from([ModelBusy("Wait."), SummaryRefused("None."), TextTooLarge("Much."), TextRefused("No.")])
events = st.sampled_from(["try", "edit", "delete", "append", "restart"])


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(tries=st.lists(st.tuples(events, st.integers(0, 4), failures), max_size=8))
def test_a_long_message_is_summarised_exactly_once(redis_url: str, tries: list[tuple[str, int, ModelError]]) -> None:
    """Whatever fails or happens between and during the tries, the summary has each word once and in order."""

    async def scenario(link: RedisLink) -> None:
        story = Story(Store(link))
        folds = Folds(story.store)
        await story.delete()
        for event, answers, failure in tries:
            happens = {"edit": story.edit, "delete": story.delete, "append": story.append}.get(event, fine)
            with suppress(ModelError):
                await folds.fold(*[fine] * answers, happens, *[failure] * 9)
            if event == "restart":
                folds = Folds(story.store)
        while not await folds.fold():
            pass
        assert await summary(story.store) == story.expected

    async def play() -> None:
        link = link_to(parse_address(redis_url))
        await link.open()
        await link.execute("FLUSHALL")
        await scenario(link)
        await link.close()

    asyncio.run(play())


class Story:
    """What happens to a session that begins with a long message, and the summary ``expected`` in the end."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.expected = ""
        self._count = 0

    async def delete(self) -> None:
        """Delete the session and start it again."""
        await self.store.delete(ID)
        await self.store.append(ID, said(LONG), None, b"-", ())
        self.expected = LONG

    async def append(self) -> None:
        """Append a message."""
        self._count += 1
        await self.store.append(ID, said(f"a{self._count}."), None, b"-", ())
        self.expected += f"a{self._count}."

    async def edit(self) -> None:
        """Replace the summary of everything that has been folded."""
        self._count += 1
        state = await self.store.state(ID)
        assert state is not None
        window = await self.store.messages(ID, state.folded + 1, state.last, 100)
        await self.store.append(ID, [], f"e{self._count}.", b"-", ())
        self.expected = "".join([f"e{self._count}.", *(message.content for message in window)])
