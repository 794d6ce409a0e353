"""Folding in the background: every message is summarised once and in order, whatever the model does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic

import pytest

from motorhead.config import Azure, FoldSettings, ModelSettings
from motorhead.exceptions import (
    Conflict,
    ModelBusy,
    ModelError,
    ModelRejected,
    ModelUnavailable,
    Overloaded,
    SummaryRefused,
    TextRefused,
    TextTooLarge,
)
from motorhead.folding.compactor import Compactor
from motorhead.folding.folder import Folder
from motorhead.folding.marks import marked
from motorhead.folding.summarizer import ModelSummarizer
from motorhead.folding.window import is_due
from motorhead.metrics import Metrics
from motorhead.sessions.versions import Versions
from motorhead.store.leases import Leases
from motorhead.store.state import State
from motorhead.store.store import Store
from redis_link.exceptions import StoreUnavailable
from redis_link.link import RedisLink
from tests.support.kit import ObedientSummarizer, keys_left, numbered, said, until
from tests.support.scripted_openai import Reply, Request, ScriptedOpenAI

ID = b"s"
METRICS = Metrics()
Replica = Callable[..., Compactor]


@pytest.fixture
def summarizer() -> ObedientSummarizer:
    return ObedientSummarizer()


@pytest.fixture
async def replica(link: RedisLink, summarizer: ObedientSummarizer) -> AsyncIterator[Replica]:
    """Makes compactors that share one store, as replicas do."""
    made: list[Compactor] = []

    def make(**settings: object) -> Compactor:
        fold = FoldSettings(retry_seconds=0.01, **settings)  # type: ignore[arg-type]
        store = Store(link)
        made.append(Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS))
        return made[-1]

    yield make
    for compactor in made:
        await compactor.close()


async def summary_and_window(store: Store) -> tuple[list[str], list[str]]:
    """The messages in the summary and those in the window, each oldest first."""
    found = await store.window(ID, 14)
    assert found is not None
    state, blobs = found
    window = [message.content for message in await store.messages(ID, state.folded + 1, state.last, 1000)]
    assert len(blobs) == len(window)
    return (state.context or "").split("|") if state.context else [], window


async def folded(store: Store, count: int) -> State:
    state: State | None = None

    async def reached() -> bool:
        nonlocal state
        state = await store.state(ID)
        return state is not None and state.folded >= count

    await until(reached, f"never folded {count}")
    assert state is not None
    return state


async def all_folded(store: Store, ids: list[bytes]) -> None:
    async def reached() -> bool:
        return all(state is not None and state.folded == 6 for state in await store.states(ids))

    await until(reached)


async def until_asked(summarizer: ObedientSummarizer, times: int) -> None:
    async def asked() -> bool:
        return len(summarizer.calls) >= times

    await until(asked)


async def test_a_window_too_full_is_folded_to_half(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """Of thirteen messages six are in the summary, in order, and seven in the window, which begins with a question."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    replica().schedule(ID)
    await folded(store, 6)
    assert await summary_and_window(store) == ([f"m{n}" for n in range(6)], [f"m{n}" for n in range(6, 13)])
    assert summarizer.calls[0][1][:2] == ["Human: m0", "AI: m1"]


async def test_a_full_window_is_left_alone(store: Store, replica: Replica, summarizer: ObedientSummarizer) -> None:
    """Twelve messages fit, so a scheduled fold finds nothing to do."""
    await store.append(ID, numbered(0, 12), None, b"-", ())
    await replica()._folder.fold(ID)
    assert summarizer.calls == []


async def test_messages_that_arrive_during_a_fold_stay_in_the_window(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A fold includes only the messages that it has read; later ones are folded when they are due, once."""

    async def more() -> None:
        await store.append(ID, numbered(13, 4), None, b"-", ())

    summarizer.orders.append(more)
    await store.append(ID, numbered(0, 13), None, b"-", ())
    replica().schedule(ID)
    await folded(store, 6)
    assert await summary_and_window(store) == ([f"m{n}" for n in range(6)], [f"m{n}" for n in range(6, 17)])


async def test_an_edit_during_a_fold_is_kept_and_built_on(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """If a client sets the context while the model is working, the fold starts again from the edited text."""

    async def edit() -> None:
        await store.append(ID, [], "edited", b"-", ())

    summarizer.orders.append(edit)
    await store.append(ID, numbered(0, 13), None, b"-", ())
    replica().schedule(ID)
    await folded(store, 6)
    assert (await summary_and_window(store))[0] == ["edited", *(f"m{n}" for n in range(6))]


async def test_a_deletion_during_a_fold_is_final(
    store: Store, link: RedisLink, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A session deleted during a fold stays deleted: none of its keys comes back."""
    done = asyncio.Event()

    async def delete() -> None:
        await store.delete(ID)
        done.set()

    summarizer.orders.append(delete)
    await store.append(ID, numbered(0, 13), None, b"-", ())
    compactor = replica()
    compactor.schedule(ID)
    await done.wait()

    async def quiet() -> bool:
        return compactor._queue.phase(ID) is None

    await until(quiet)
    assert await keys_left(link) == []


async def test_a_model_that_is_down_loses_nothing(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """Failures leave the window whole; once the model answers again, everything is folded once and in order."""
    summarizer.orders += [ModelUnavailable("The summary model cannot be reached.")] * 1000
    compactor = replica()
    for start in range(0, 40, 2):
        await store.append(ID, numbered(start, 2), None, b"-", ())
        compactor.schedule(ID)
    await until_asked(summarizer, 4)
    summarizer.orders.clear()
    state = await folded(store, 34)
    assert state.reason is None
    assert await summary_and_window(store) == ([f"m{n}" for n in range(34)], [f"m{n}" for n in range(34, 40)])


async def test_a_try_that_fails_for_another_reason_does_not_end_trying(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """If the trial of a failing model ends with an error of Redis, or a bug, folding still goes on."""

    async def lose_redis() -> None:
        raise StoreUnavailable("Lost.")

    async def stumble() -> None:
        raise ZeroDivisionError

    down = ModelUnavailable("The summary model cannot be reached.")
    summarizer.orders += [down, lose_redis, down, stumble]
    await store.append(ID, numbered(0, 13), None, b"-", ())
    replica().schedule(ID)
    await folded(store, 6)


@pytest.mark.parametrize(
    ("error", "parked"),
    [(ModelUnavailable("The summary model cannot be reached."), False), (ModelRejected("Look at the key."), True)],
)  # fmt: skip
async def test_the_reason_of_a_waiting_fold_is_noted(
    store: Store, replica: Replica, summarizer: ObedientSummarizer, error: ModelError, parked: bool
) -> None:
    """The reason why a fold waits is stored in its session, even if the failing model was not asked about it."""
    summarizer.orders += [error] * 1000
    compactor = replica(in_flight=1)
    for name in (ID, b"other"):
        await store.append(name, numbered(0, 13), None, b"-", ())
        compactor.schedule(name)
    first = await store.state(ID)

    async def noted() -> bool:
        state = await store.state(ID)
        return state is not None and state.reason == str(error) and state.parked is parked

    await until(noted)
    state = await store.state(ID)
    assert first is not None
    assert state is not None
    assert state.fold_version > first.fold_version
    compactor.schedule(b"third")


@pytest.mark.parametrize(
    "error", [SummaryRefused("No summary."), TextTooLarge("Cut short."), TextRefused("Not this text.")]
)
async def test_a_refused_summary_keeps_the_old_one_and_is_parked_in_the_end(
    store: Store, replica: Replica, summarizer: ObedientSummarizer, error: ModelError
) -> None:
    """If the model never gives a summary, the context stays and the fold is parked with the reason."""
    summarizer.orders += [error] * 1000
    await store.append(ID, numbered(0, 13), "good", b"-", ())
    replica().schedule(ID)

    async def parked() -> bool:
        state = await store.state(ID)
        return state is not None and state.parked

    await until(parked)
    state = await store.state(ID)
    assert state is not None
    assert (state.folded, state.context, state.reason) == (0, "good", str(error))


async def test_a_failing_fold_on_demand_leaves_a_session_parked(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A failure changes the reason, but not the pause in the background; a success ends both."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    state = await store.state(ID)
    assert state is not None
    await store.note_fold(ID, state.epoch, "Refused.", True)
    compactor = replica()
    summarizer.orders.append(ModelUnavailable("Not there."))
    with pytest.raises(ModelUnavailable):
        await compactor.fold_now(ID)
    state = await store.state(ID)
    assert state is not None
    assert (state.parked, state.reason) == (True, "Not there.")
    await compactor.fold_now(ID)
    state = await store.state(ID)
    assert state is not None
    assert (state.parked, state.reason) == (False, None)


async def test_a_failing_text_holds_up_its_own_session_alone(store: Store, link: RedisLink) -> None:
    """If the model fails on one session's text, only that session waits, with a reason; sixty others are folded."""

    def picky(request: Request) -> Reply | str:
        return Reply(status=500, error="Failed: POISON.") if "POISON" in request.text else "Fine."

    fold = FoldSettings(in_flight=1, retry_seconds=3_600)  # any pause outlasts the test
    ids = [f"good{n}".encode() for n in range(60)]
    with ScriptedOpenAI(default=picky) as model:
        summarizer = ModelSummarizer(ModelSettings(base=model.url), 150)
        compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS)
        await store.append(ID, [*numbered(0, 6), *said("POISON"), *numbered(7, 6)], None, b"-", ())
        compactor.schedule(ID)
        await model.wait_for_request()
        for name in ids:
            await store.append(name, numbered(0, 13), None, b"-", ())
            compactor.schedule(name)

        async def settled() -> bool:
            state = await store.state(ID)
            others = await store.states(ids)
            return bool(state and state.reason) and all(s is not None and s.folded == 6 for s in others)

        await until(settled, seconds=30)
        await compactor.close()
        await summarizer.close()
    state = await store.state(ID)
    assert state is not None
    assert state.reason == "The summary model fails (status 500)."
    assert not any(other.reason for other in await store.states(ids) if other)


@pytest.mark.parametrize(
    "refusal",
    [Reply(status=400, error="Filtered: POISON."), Reply(status=403, error="Your input was flagged."),
     Reply(status=403, raw=[b"<h1>Request blocked.</h1>"], content_type="text/html")],
)  # fmt: skip
async def test_a_refused_text_holds_up_nobody(
    store: Store, link: RedisLink, scripted_openai: ScriptedOpenAI, refusal: Reply
) -> None:
    """If the model refuses a text of one session, that session and another are folded, the text with a mark."""

    def picky(request: Request) -> Reply | str:
        return refusal if "POISON" in request.text else "Fine."

    scripted_openai.default = picky
    fold = FoldSettings(in_flight=1, retry_seconds=3_600)  # any pause outlasts the test
    summarizer = ModelSummarizer(ModelSettings(base=scripted_openai.url), 150)
    compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS)
    await store.append(ID, [*numbered(0, 5), *said("POISON"), *numbered(6, 7)], None, b"-", ())
    await store.append(b"other", numbered(0, 13), None, b"-", ())
    for name in (ID, b"other"):
        compactor.schedule(name)
    await all_folded(store, [ID, b"other"])
    await compactor.close()
    await summarizer.close()
    state = await store.state(ID)
    assert state is not None
    assert (state.context, state.reason, state.parked) == (marked("Fine."), None, False)


async def test_a_small_context_is_found_by_halving_whatever_its_status(store: Store, link: RedisLink) -> None:
    """llama.cpp's 500 is recognised: the session is folded at once, and so is another one behind it."""
    refusal = b'{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}'

    def small(request: Request) -> Reply | str:
        return Reply(status=500, raw=[refusal]) if len(request.text) > 3_000 else "Fine."

    fold = FoldSettings(in_flight=1, retry_seconds=3_600)
    ids = [ID, b"other"]
    with ScriptedOpenAI(default=small) as model:
        summarizer = ModelSummarizer(ModelSettings(base=model.url), 150)
        compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS)
        for name in ids:
            await store.append(name, said(*["x" * 1_000] * 13), None, b"-", ())
            compactor.schedule(name)
        await all_folded(store, ids)
        await compactor.close()
        await summarizer.close()
    assert sum(len(request.text) > 3_000 for request in model.requests) == 1  # the other session is given less at once


async def test_a_limited_rate_costs_no_answer_twice_and_holds_up_nobody(store: Store, link: RedisLink) -> None:
    """A long message's fold waits as long as the model asks, without a slot, and goes on with the part refused."""
    asked: list[tuple[float, str]] = []

    def limited(request: Request) -> Reply | str:
        asked.append((monotonic(), request.text))
        if "part" in request.text and len(asked) % 10 == 5:
            return Reply(status=429, headers={"Retry-After-Ms": "200"})
        return "Fine."

    fold = FoldSettings(in_flight=1, retry_seconds=0.01, fold_characters=1_000)
    with ScriptedOpenAI(default=limited) as model:
        summarizer = ModelSummarizer(ModelSettings(base=model.url), 150)
        compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS)
        await store.append(ID, said(" ".join(f"part{n:03}" for n in range(3_000)), *["m"] * 12), None, b"-", ())
        await store.append(b"other", numbered(0, 13), None, b"-", ())
        for name in (ID, b"other"):
            compactor.schedule(name)
        await all_folded(store, [ID, b"other"])
        await compactor.close()
        await summarizer.close()
    parts = [(time, text) for time, text in asked if "part" in text]
    refused = [place for place, (_, text) in enumerate(parts[:-1]) if text == parts[place + 1][1]]
    assert len(parts) - len(refused) == len({text for _, text in parts}) > 24
    assert len(refused) >= 2
    assert all(parts[place + 1][0] - parts[place][0] > 0.19 for place in refused)
    assert "part" not in asked[5][1]  # the other session's turn, right behind the first refusal


async def test_every_session_asks_a_busy_model_once_and_then_waits(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """While one waits, the others try, one after the other; none tries before the time that the model has set."""
    ids = [f"s{n}".encode() for n in range(5)]
    summarizer.orders += [ModelBusy("Wait.", 3_600)] * len(ids)
    compactor = replica(in_flight=1)
    for name in ids:
        await store.append(name, numbered(0, 13), None, b"-", ())
        compactor.schedule(name)
    await until_asked(summarizer, len(ids))
    await store.append(b"new", numbered(0, 13), None, b"-", ())
    compactor.schedule(b"new")
    await all_folded(store, [b"new"])
    assert len(summarizer.calls) == len(ids) + 1
    assert [state.reason for state in await store.states(ids) if state] == ["Wait."] * len(ids)


async def test_a_wrong_version_of_azures_api_parks_no_session(
    store: Store, link: RedisLink, scripted_openai: ScriptedOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """All folds wait until Azure accepts the version; session and log name the variable, and no session is parked."""
    scripted_openai.default = lambda request: Reply(status=400, error="API version not supported")
    azure = Azure("k", scripted_openai.url.removesuffix("/v1"), "chat", "ada")
    summarizer = ModelSummarizer(ModelSettings(azure=azure), 150)
    fold = FoldSettings(retry_seconds=0.01)
    compactor = Compactor(store, Folder(store, Leases(link), summarizer, fold, METRICS), fold, METRICS)
    await store.append(ID, numbered(0, 13), "good", b"-", ())
    compactor.schedule(ID)
    await scripted_openai.wait_for_request(5)
    state = await store.state(ID)
    assert state is not None
    assert (state.parked, state.folded, state.context) == (False, 0, "good")
    assert state.reason is not None
    assert "AZURE_API_VERSION" in state.reason
    assert "AZURE_API_VERSION" in caplog.text
    scripted_openai.default = lambda request: "Fine."
    await folded(store, 6)
    await compactor.close()
    await summarizer.close()


async def test_a_batch_that_is_too_large_is_made_smaller(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A model that cannot take everything at once is given less, and every message is still summarised once."""
    await store.append(ID, said(*(f"{n:03}" + "x" * 200 for n in range(20))), None, b"-", ())
    summarizer.orders.append(TextTooLarge("Cut short."))
    replica().schedule(ID)
    await folded(store, 14)
    summary, window = await summary_and_window(store)
    assert [text[:3] for text in summary + window] == [f"{n:03}" for n in range(20)]
    assert len(summarizer.calls[1][1]) < len(summarizer.calls[0][1])


async def test_a_message_larger_than_a_batch_is_summarised_in_portions(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A message above the budget is split; the model is given all of it, and it is committed as one message."""
    big = " ".join(f"w{n}" for n in range(500))
    await store.append(ID, said(big, *(f"m{n}" for n in range(12))), None, b"-", ())
    replica(fold_characters=300).schedule(ID)
    await folded(store, 6)
    summary, _ = await summary_and_window(store)
    assert "".join(summary[:-5]).replace(" ", "") == big.replace(" ", "")
    assert all(sum(map(len, lines)) <= 300 for _, lines in summarizer.calls)


async def test_two_replicas_fold_a_session_once(store: Store, replica: Replica, summarizer: ObedientSummarizer) -> None:
    """Two compactors with the same scheduled sessions fold every message once."""
    one, two = replica(), replica()
    for start in range(0, 60, 2):
        await store.append(ID, numbered(start, 2), None, b"-", ())
        one.schedule(ID)
        two.schedule(ID)
    state = await folded(store, 54 - 6)
    summary, window = await summary_and_window(store)
    assert summary + window == [f"m{n}" for n in range(60)]
    assert state.tokens == 15 * len(summarizer.calls)


async def test_racing_folds_without_a_lease_commit_once(
    store: Store, link: RedisLink, summarizer: ObedientSummarizer
) -> None:
    """Even if both replicas believe that they hold the lease, one commit succeeds and the other changes nothing."""
    fold = FoldSettings()
    meet = asyncio.Barrier(2)
    summarizer.orders += [meet.wait, meet.wait]
    folder = Folder(store, Leases(link), summarizer, fold, METRICS)
    await store.append(ID, numbered(0, 13), None, b"-", ())
    state = await store.state(ID)
    assert state is not None
    await asyncio.gather(*(folder._fold_to(ID, state, 7) for _ in range(2)))
    assert (await summary_and_window(store))[0] == [f"m{n}" for n in range(7)]
    assert len(await Versions(link, None).page(ID, None, 10)) == 1


async def test_fold_now_waits_for_the_fold_and_says_when_another_runs(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A fold on demand is complete when it returns; a second one meanwhile is a conflict."""
    gate = asyncio.Event()
    summarizer.orders.append(gate.wait)
    await store.append(ID, numbered(0, 8), None, b"-", ())
    compactor = replica()
    first = asyncio.create_task(compactor.fold_now(ID))
    await until_asked(summarizer, 1)
    with pytest.raises(Conflict):
        await compactor.fold_now(ID)
    gate.set()
    await first
    assert await summary_and_window(store) == (["m0", "m1"], [f"m{n}" for n in range(2, 8)])


async def test_the_window_can_be_bounded_by_tokens(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A few long messages are folded if their tokens exceed the window, down to half of its tokens."""
    await store.append(ID, said(*(f"{n}" + "x" * 400 for n in range(5))), None, b"-", ())
    replica(window_tokens=300).schedule(ID)
    await folded(store, 4)
    summary, window = await summary_and_window(store)
    assert [text[0] for text in summary] == ["0", "1", "2", "3"]
    assert [text[0] for text in window] == ["4"]


@pytest.mark.parametrize("large", [0, 3])
async def test_a_message_larger_than_the_window_is_folded(
    store: Store, replica: Replica, summarizer: ObedientSummarizer, large: int
) -> None:
    """A message with more tokens than a window is folded, even if it is the newest, and no fold is due then."""
    contents = [f"{n}" + "x" * (2_000 if n == large else 40) for n in range(4)]
    await store.append(ID, said(*contents), None, b"-", ())
    fold = FoldSettings(window_tokens=300)
    replica(window_tokens=300).schedule(ID)
    await folded(store, 4 if large == 3 else 1)
    summary, window = await summary_and_window(store)
    assert summary + window == contents
    state = await store.state(ID)
    assert state is not None
    assert not is_due(state, fold)


async def test_many_sessions_are_folded_a_bounded_number_at_a_time(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """Concurrent folds never exceed the setting, and all sessions are folded in the end."""
    running = most = 0
    three = asyncio.Barrier(3)

    async def count() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await three.wait()
        await asyncio.sleep(0.002)  # an excess fold would start in this time
        running -= 1

    summarizer.orders += [count] * 30
    compactor = replica(in_flight=3)
    ids = [f"s{n}".encode() for n in range(30)]
    for name in ids:
        await store.append(name, numbered(0, 13), None, b"-", ())
        compactor.schedule(name)

    await all_folded(store, ids)
    assert most == 3


async def test_a_fold_on_demand_waits_for_its_turn_or_is_refused(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """Without a free slot a fold on demand waits, then gives up; if a slot becomes free, it goes first."""
    gate = asyncio.Event()
    summarizer.orders.append(gate.wait)
    compactor = replica(in_flight=1)
    for name in (b"background", ID, b"later"):
        await store.append(name, numbered(0, 13), None, b"-", ())
    compactor.schedule(b"background")
    await until_asked(summarizer, 1)
    with pytest.raises(Overloaded, match="1"):
        await compactor.fold_now(ID, patience=0.01)
    demanded = asyncio.create_task(compactor.fold_now(ID))
    compactor.schedule(b"later")
    await asyncio.sleep(0)
    assert len(summarizer.calls) == 1
    gate.set()
    await demanded
    state = await store.state(b"later")
    assert state is not None
    assert state.folded == 0
    await all_folded(store, [b"background", ID, b"later"])


async def test_folds_on_demand_count_among_those_under_way(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """Nothing is folded in the background while folds on demand hold all slots; afterwards it goes on."""
    gate = asyncio.Event()
    summarizer.orders += [gate.wait] * 2
    compactor = replica(in_flight=2)
    for name in (b"one", b"two", ID):
        await store.append(name, numbered(0, 13), None, b"-", ())
    demanded = [asyncio.create_task(compactor.fold_now(name)) for name in (b"one", b"two")]
    await until_asked(summarizer, 2)
    compactor.schedule(ID)
    await asyncio.sleep(0.01)
    assert len(summarizer.calls) == 2
    gate.set()
    await asyncio.gather(*demanded)
    await folded(store, 6)


async def test_callers_who_give_up_leave_their_places_to_others(
    store: Store, replica: Replica, summarizer: ObedientSummarizer
) -> None:
    """A caller that is cancelled, while waiting or while being served, does not block the next one."""
    gate = asyncio.Event()
    summarizer.orders.append(gate.wait)
    compactor = replica(in_flight=1)
    for name in (b"one", b"two", ID):
        await store.append(name, numbered(0, 13), None, b"-", ())
    served = asyncio.create_task(compactor.fold_now(b"one"))
    await until_asked(summarizer, 1)
    waiting = asyncio.create_task(compactor.fold_now(b"two"))
    await asyncio.sleep(0)
    for task in (waiting, served):
        task.cancel()
    await asyncio.gather(served, waiting, return_exceptions=True)
    await compactor.fold_now(ID, patience=0.0)
    await folded(store, 6)
