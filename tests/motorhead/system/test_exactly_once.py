"""The promise: each accepted message is in the window or was folded, exactly once, whatever happens; none is in either
that was withdrawn.

Hypothesis plays appends, replacements, folds, failing and racing folds, edits, deletions and restarts on two replicas
over one real Valkey. The summarizer writes down every line it is given, so the summary shows which messages were
folded, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from motorhead.config import FoldSettings
from motorhead.exceptions import FoldedAlready, ModelError, ModelUnavailable, SummaryRefused, TextTooLarge
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.messages import NewMessage, weigh
from motorhead.metrics import Metrics
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.connect import link_to
from motorhead.store.leases import Leases
from motorhead.store.store import Store
from redis_link.address import parse_address
from redis_link.exceptions import StoreUnavailable
from tests.support.kit import ObedientSummarizer

METRICS = Metrics()
FOLD = FoldSettings(window_size=6, fold_characters=60)
FAILURES = [ModelUnavailable("Down."), SummaryRefused("None."), TextTooLarge("Cut.")]

replicas = st.integers(min_value=0, max_value=1)
sessions = st.sampled_from([b"a", b"{a}"])


class Replica:
    """One memory server without HTTP: its own connection, its own summarizer."""

    def __init__(self, url: str) -> None:
        self.link = link_to(parse_address(url))
        self.store = Store(self.link)
        self.summarizer = ObedientSummarizer()
        self.folder = Folder(self.store, Leases(self.link), self.summarizer, FOLD, METRICS)


class Memory(RuleBasedStateMachine):
    """The reference model: for each session, the contents that were accepted and not withdrawn, by number, in order."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        with redis.Redis.from_url(self.url) as client:
            client.flushall()
        self.loop = asyncio.new_event_loop()
        self.replicas = [Replica(self.url) for _ in range(2)]
        for replica in self.replicas:
            self.do(replica.link.open())
        self.accepted: dict[bytes, dict[int, str]] = {}
        self.last: dict[bytes, int] = {}
        self.keys: dict[bytes, list[tuple[str, list[NewMessage]]]] = {}
        self.said = 0
        self.replaced = 0
        self.restored: set[bytes] = set()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def messages(self, count: int) -> list[NewMessage]:
        self.said += count
        numbers = range(self.said - count, self.said)
        return [NewMessage(("Human", "AI")[number % 2], f"m{number}") for number in numbers]

    async def accept(self, replica: int, session: bytes, messages: list[NewMessage], key: str = "") -> None:
        await self.replicas[replica].store.append(session, messages, None, b"-", (), key=key)
        self.count(session, messages)

    def count(self, session: bytes, messages: list[NewMessage]) -> None:
        """Give the accepted messages their numbers."""
        for message in messages:
            self.last[session] = self.last.get(session, 0) + 1
            self.accepted.setdefault(session, {})[self.last[session]] = message.content

    def forget(self, session: bytes) -> None:
        """The session was deleted."""
        for kept in (self.accepted, self.last, self.keys):
            kept.pop(session, None)
        self.restored.discard(session)

    async def replace(self, replica: int, session: bytes, back: int, count: int, key: str = "") -> list[NewMessage]:
        """Replace the newest ``back`` messages by ``count`` new ones, unless one of them is folded."""
        store, messages = self.replicas[replica].store, self.messages(count)
        numbers = sorted(self.accepted.get(session, {}))
        keep = numbers[-back - 1] if back < len(numbers) else 0
        state = await store.state(session)
        appending = store.append(session, messages, None, b"-", (), replace_after=keep, key=key)
        if state is not None and keep < state.folded:
            with pytest.raises(FoldedAlready):
                await appending
            return []
        await appending
        for number in numbers:
            if number > keep:
                del self.accepted[session][number]
        self.count(session, messages)
        return messages

    @rule(replica=replicas, session=sessions, count=st.integers(min_value=1, max_value=9))
    def append(self, replica: int, session: bytes, count: int) -> None:
        self.do(self.accept(replica, session, self.messages(count)))

    @rule(replica=replicas, session=sessions, count=st.integers(min_value=1, max_value=3))
    def append_under_a_key(self, replica: int, session: bytes, count: int) -> None:
        messages, key = self.messages(count), f"k{self.said}"
        self.do(self.accept(replica, session, messages, key))
        self.keys.setdefault(session, []).append((key, messages))

    @precondition(lambda self: any(self.keys.values()))
    @rule(replica=replicas, session=sessions)
    def repeat_an_append(self, replica: int, session: bytes) -> None:
        for key, messages in self.keys.get(session, []):
            self.do(self.replicas[replica].store.append(session, messages, None, b"-", (), key=key))

    @rule(replica=replicas, session=sessions, back=st.integers(0, 9), count=st.integers(0, 3))
    def replace_the_newest(self, replica: int, session: bytes, back: int, count: int) -> None:
        """It is repeated under its key, which changes nothing."""

        async def replace_twice() -> None:
            self.replaced += 1
            key = f"r{self.replaced}"
            numbers = sorted(self.accepted.get(session, {}))
            keep = numbers[-back - 1] if back < len(numbers) else 0
            if messages := await self.replace(replica, session, back, count, key):
                again = self.replicas[1 - replica].store.append
                await again(session, messages, None, b"-", (), replace_after=keep, key=key)

        self.do(replace_twice())

    @rule(session=sessions, back=st.integers(1, 5))
    def withdraw_at_once(self, session: bytes, back: int) -> None:
        """Two replicas withdraw the same messages at the same time."""

        async def race() -> None:
            numbers = sorted(self.accepted.get(session, {}))
            keep = numbers[-back - 1] if back < len(numbers) else 0
            appends = [one.store.append(session, [], None, b"-", (), replace_after=keep) for one in self.replicas]
            with suppress(FoldedAlready):
                await asyncio.gather(*appends)
                for number in numbers:
                    if number > keep:
                        del self.accepted[session][number]

        self.do(race())

    @rule(session=sessions, pick=st.integers(0, 9))
    def restore(self, session: bytes, pick: int) -> None:
        """The messages after an earlier version return to the window."""
        one = self.replicas[0]
        versions = Versions(one.link, None)
        found = self.do(versions.page(session, None, 1000))
        if found:
            restore = Restore(one.link, one.store, versions, DueFolds(FOLD, lambda session_id: None))
            self.do(restore.restore(session, found[pick % len(found)].version))
            self.restored.add(session)

    @rule(session=sessions, back=st.integers(0, 9), count=st.integers(0, 3))
    def replace_while_folding(self, session: bytes, back: int, count: int) -> None:
        """The summary of withdrawn messages is never committed."""
        one = self.replicas[0]
        self.do(self.accept(0, session, self.messages(7)))  # so that a fold is due

        async def meddle() -> None:
            await self.replace(1, session, back, count)

        one.summarizer.orders = [meddle]
        self.do(one.folder.fold(session))
        one.summarizer.orders = []

    @rule(replica=replicas, session=sessions, anyway=st.booleans())
    def fold(self, replica: int, session: bytes, anyway: bool) -> None:
        self.do(self.replicas[replica].folder.fold(session, anyway=anyway))

    @rule(replica=replicas, session=sessions, failure=st.sampled_from(FAILURES), after=st.integers(0, 2))
    def fold_with_a_failing_model(self, replica: int, session: bytes, failure: ModelError, after: int) -> None:
        one = self.replicas[replica]

        async def fine() -> None:
            pass

        one.summarizer.orders = [*[fine] * after, failure]
        with suppress(ModelError):
            self.do(one.folder.fold(session))
        one.summarizer.orders = []

    @rule(session=sessions)
    def race_two_folds_past_their_leases(self, session: bytes) -> None:
        async def race() -> None:
            states = [await one.store.state(session) for one in self.replicas]
            folds = [
                one.folder._fold_to(session, state, state.last - 2)
                for one, state in zip(self.replicas, states, strict=True)
                if state is not None and state.unfolded > 2
            ]
            await asyncio.gather(*folds)

        self.do(race())

    @rule(session=sessions, count=st.integers(min_value=1, max_value=14))
    def append_and_delete_while_folding(self, session: bytes, count: int) -> None:
        """The session is deleted during a fold, and perhaps started again."""
        one, other = self.replicas
        messages = self.messages(count)

        async def meddle() -> None:
            await other.store.delete(session)
            self.forget(session)
            await self.accept(1, session, messages)

        one.summarizer.orders = [meddle]
        self.do(one.folder.fold(session))
        one.summarizer.orders = []

    @rule(session=sessions, count=st.integers(min_value=1, max_value=9))
    def append_while_folding(self, session: bytes, count: int) -> None:
        one, messages = self.replicas[0], self.messages(count)

        async def meddle() -> None:
            await self.accept(1, session, messages)

        one.summarizer.orders = [meddle]
        self.do(one.folder.fold(session))
        one.summarizer.orders = []

    @rule(replica=replicas, session=sessions)
    def delete(self, replica: int, session: bytes) -> None:
        self.do(self.replicas[replica].store.delete(session))
        self.forget(session)

    @rule(replica=replicas, session=sessions)
    def kill_a_replica_while_folding(self, replica: int, session: bytes) -> None:
        """The process goes away in the middle of a fold; another takes its place."""

        async def die() -> None:
            self.replicas[replica].link._connection.abort()  # type: ignore[union-attr]
            await asyncio.sleep(0)
            raise StoreUnavailable("Killed.")

        self.replicas[replica].summarizer.orders = [die]
        with suppress(StoreUnavailable):
            self.do(self.replicas[replica].folder.fold(session))
        self.do(self.replicas[replica].link.close())
        self.replicas[replica] = Replica(self.url)
        self.do(self.replicas[replica].link.open())
        with redis.Redis.from_url(self.url) as client:  # the leases of a dead replica expire
            for key in client.keys("*:lease"):
                client.delete(key)

    @invariant()
    def each_message_is_told_or_shown_once(self) -> None:
        for session in (b"a", b"{a}"):
            found = self.do(self.replicas[0].store.window(session, 8))
            wanted = list(self.accepted.get(session, {}).values())
            if found is None:
                assert wanted == []
                continue
            state, blobs = found
            told = state.context.split("|") if state.context else []
            shown = [m.content for m in self.do(self.replicas[1].store.messages(session, state.folded + 1, 10**9, 500))]
            # A message longer than a batch is summarised in portions. None is that long here, so each is one entry.
            assert told + shown == wanted
            assert len(blobs) == len(shown) == state.unfolded
            assert state.weight - state.folded_weight == sum(map(weigh, shown))
            assert [number <= state.folded for number in self.accepted.get(session, {})].count(True) == len(told)
            history = self.do(self.replicas[1].store.history(session, None, 500)).messages
            assert len(history) == len(wanted)
            if session not in self.restored:
                self.versions_follow_each_other(session, state.folded)

    def versions_follow_each_other(self, session: bytes, folded: int) -> None:
        """Each fold continues the previous one; only withdrawn messages are between them."""
        versions = reversed(self.do(Versions(self.replicas[0].link, None).page(session, None, 1000)))
        through = 0
        for version in versions:
            assert int(version.folded.from_) > through
            assert not set(range(through + 1, int(version.folded.from_))) & set(self.accepted[session])
            through = int(version.folded.to)
        assert through == folded

    def teardown(self) -> None:
        for replica in self.replicas:
            self.do(replica.link.close())
        self.loop.close()


@pytest.mark.timeout(240)
def test_each_accepted_message_is_in_the_window_or_folded_exactly_once(redis_url: str) -> None:
    """No sequence of appends, folds, failures, races, deletions and restarts loses, doubles or reorders a message."""
    machine = type("MemoryOnThisValkey", (Memory,), {"url": redis_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        ),
    )
