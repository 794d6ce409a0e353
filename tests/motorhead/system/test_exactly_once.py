"""The promise: each accepted message is in the window or was folded, exactly once, whatever happens. What was withdrawn
or deleted is in neither, nor found by a search or among the vectors.

Hypothesis plays appends, replacements, folds, failing and racing folds, forks, deletions and restarts on two replicas,
over one real Valkey and over a cluster of three. The summarizer writes down every line it is given, so the summary
shows which messages were folded, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from motorhead.config import FoldSettings
from motorhead.exceptions import (
    FoldedAlready,
    ModelError,
    ModelUnavailable,
    NoSuchMessage,
    SessionExists,
    SummaryRefused,
    TextTooLarge,
)
from motorhead.folding.due import DueFolds
from motorhead.folding.folder import Folder
from motorhead.messages import NewMessage, weigh
from motorhead.metrics import Metrics
from motorhead.recall.embeddings import Vector
from motorhead.recall.indexer import Indexer
from motorhead.recall.vectors import Vectors
from motorhead.search.cursor import read_cursor
from motorhead.search.results import Found
from motorhead.search.search import Search
from motorhead.search.words import Words
from motorhead.sessions.fork import Fork
from motorhead.sessions.origin import Origins
from motorhead.sessions.restore import Restore
from motorhead.sessions.versions import Versions
from motorhead.store.connect import connect
from motorhead.store.keys import UNNAMED
from motorhead.store.leases import Leases
from motorhead.store.listing import Listing
from motorhead.store.store import Store
from motorhead.upkeep.erasure import Erasure
from redis_link.address import parse_address
from redis_link.cluster import ClusterLink
from redis_link.exceptions import StoreUnavailable
from tests.support.cluster import running_cluster
from tests.support.examples import THOROUGHNESS, examples
from tests.support.kit import ObedientSummarizer
from tests.support.servers import PATIENCE

METRICS = Metrics()
FOLD = FoldSettings(window_size=6, fold_characters=60)
FAILURES = [ModelUnavailable("Down."), SummaryRefused("None."), TextTooLarge("Cut.")]

replicas = st.integers(min_value=0, max_value=1)
#: On a cluster they are on different nodes.
SESSIONS = (b"a", b"{a}", b"c")
sessions = st.sampled_from(SESSIONS)


class ContentEmbedder:
    """Gives the text itself as its vector."""

    model, size = "content", 16

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [text.encode().ljust(self.size, b"\1") for text in texts]

    async def close(self) -> None:
        """Nothing to close."""


class Replica:
    """One memory server without HTTP: its own connection, its own summarizer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.summarizer = ObedientSummarizer()

    async def start(self) -> None:
        """Connect, and put the parts together."""
        self.link = await connect(parse_address(self.url), 10 * PATIENCE)
        self.store = Store(self.link)
        self.listing = Listing(self.link)
        self.folder = Folder(self.store, Leases(self.link), self.summarizer, FOLD, METRICS)
        self.vectors = Vectors(self.link)
        self.indexer = Indexer(self.store, self.vectors, Leases(self.link), ContentEmbedder(), 0.01, METRICS)
        origins, due = Origins(self.link, Versions(self.link, None)), DueFolds(FOLD, _nothing)
        erasure = Erasure(self.link, 0)
        self.fork = Fork(self.link, origins, self.listing, due, erasure=erasure, index_soon=_nothing)

    def kill(self) -> None:
        """Cut its connections, as the end of the process does."""
        nodes = self.link._nodes.values() if isinstance(self.link, ClusterLink) else [self.link]
        for node in nodes:
            node._connection.abort()  # type: ignore[attr-defined]


def _nothing(session_id: bytes) -> None:
    """Schedules nothing: the rules say when to fold and to index."""


class Memory(RuleBasedStateMachine):
    """The reference model: for each session, the contents that were accepted and not withdrawn, by number, in order."""

    #: Of the one server, or of all nodes.
    urls: Sequence[str]

    def __init__(self) -> None:
        super().__init__()
        for url in self.urls:
            with redis.Redis.from_url(url) as client:
                client.flushall()
        self.loop = asyncio.new_event_loop()
        self.replicas = [Replica(self.urls[0]) for _ in range(2)]
        for replica in self.replicas:
            self.do(replica.start())
        self.accepted: dict[bytes, dict[int, str]] = {}
        self.last: dict[bytes, int] = {}
        self.forks: set[tuple[bytes, bytes, int]] = set()
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
        one = self.replicas[replica]
        await one.store.append(session, messages, None, UNNAMED, one.listing.add(session, UNNAMED), key=key)
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
        one, messages = self.replicas[replica], self.messages(count)
        numbers = sorted(self.accepted.get(session, {}))
        keep = numbers[-back - 1] if back < len(numbers) else 0
        state = await one.store.state(session)
        listed = one.listing.add(session, UNNAMED)
        appending = one.store.append(session, messages, None, UNNAMED, listed, replace_after=keep, key=key)
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

    @initialize(counts=st.tuples(*[st.integers(0, 12)] * len(SESSIONS)))
    def begin(self, counts: tuple[int, ...]) -> None:
        """Some sessions have a summary and a window from the start."""
        for session, count in zip(SESSIONS, counts, strict=True):
            if count:
                self.do(self.accept(0, session, self.messages(count)))
                self.do(self.replicas[0].folder.fold(session))

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

    @rule(replica=replicas, session=sessions, to=sessions, place=st.integers(0, 99), anew=st.booleans())
    def fork(self, replica: int, session: bytes, to: bytes, place: int, anew: bool) -> None:
        """A new session gets what was accepted up to a message; the same fork again changes nothing."""
        self.do(self.accept(replica, session, self.messages(4)))
        numbers = sorted(self.accepted[session])
        if anew and to != session:
            self.delete(replica, to)
        through = numbers[place * len(numbers) // 100]
        forking = self.replicas[replica].fork.fork(session, through, to)
        if to in self.last:
            made_before = (session, to, through) in self.forks  # perhaps from an earlier life of one of the two
            with suppress(SessionExists) if made_before else pytest.raises(SessionExists):
                self.do(forking)
            return
        self.do(forking)
        self.forks.add((session, to, through))
        self.count_fork(session, through, to)
        self.do(self.replicas[1 - replica].fork.fork(session, through, to))

    @rule(session=sessions, to=sessions, back=st.integers(1, 5))
    def fork_and_withdraw_at_once(self, session: bytes, to: bytes, back: int) -> None:
        """A fork and a withdrawal of its message race: one state of the session is forked, or nothing."""
        numbers = sorted(self.accepted.get(session, {}))
        if to == session or len(numbers) <= back:
            return
        self.delete(0, to)

        async def race() -> None:
            one, other = self.replicas
            state = await one.store.state(session)
            assert state is not None
            through, keep = numbers[-1], numbers[-back - 1]
            withdrawal = other.store.append(session, [], None, UNNAMED, (), replace_after=keep)
            forked, withdrawn = await asyncio.gather(
                one.fork.fork(session, through, to), withdrawal, return_exceptions=True
            )
            assert forked is None or isinstance(forked, NoSuchMessage)
            if forked is None:
                self.count_fork(session, through, to)
            if state.folded > keep:
                assert isinstance(withdrawn, FoldedAlready)
                return
            for number in numbers[-back:]:
                del self.accepted[session][number]

        self.do(race())

    @rule(replica=replicas, session=sessions, covered=st.integers(1, 5), more=st.integers(0, 3))
    def begin_with_a_summary(self, replica: int, session: bytes, covered: int, more: int) -> None:
        """A new session may begin with the summary of its first messages; one that exists is left alone."""
        one, messages = self.replicas[replica], self.messages(covered + more)
        summary = "|".join(message.content for message in messages[:covered])
        listed = one.listing.add(session, UNNAMED)
        begun = one.store.append(session, messages, summary, UNNAMED, listed, through=covered)
        if self.do(one.store.state(session)) is None:
            self.do(begun)
            self.count(session, messages)
        else:
            with pytest.raises(SessionExists):
                self.do(begun)

    def count_fork(self, session: bytes, through: int, to: bytes) -> None:
        """``to`` has now what ``session`` had up to ``through``."""
        self.last[to] = through
        self.accepted[to] = {n: text for n, text in self.accepted[session].items() if n <= through}
        if session in self.restored:
            self.restored.add(to)

    @rule(replica=replicas, session=sessions)
    def index(self, replica: int, session: bytes) -> None:
        """Vectors are made of what is there by then."""
        self.do(self.replicas[replica].indexer.index(session))

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
    def delete_it(self, replica: int, session: bytes) -> None:
        self.delete(replica, session)

    def delete(self, replica: int, session: bytes) -> None:
        """The session and all that is known of it."""
        self.do(self.replicas[replica].store.delete(session))
        self.forget(session)

    @rule(replica=replicas, session=sessions)
    def kill_a_replica_while_folding(self, replica: int, session: bytes) -> None:
        """The process goes away in the middle of a fold; another takes its place."""

        async def die() -> None:
            self.replicas[replica].kill()
            await asyncio.sleep(0)
            raise StoreUnavailable("Killed.")

        self.replicas[replica].summarizer.orders = [die]
        with suppress(StoreUnavailable):
            self.do(self.replicas[replica].folder.fold(session))
        self.do(self.replicas[replica].link.close())
        self.replicas[replica] = Replica(self.urls[0])
        self.do(self.replicas[replica].start())
        for url in self.urls:
            with redis.Redis.from_url(url) as client:  # the leases of a dead replica expire
                for key in client.keys("*:lease"):
                    client.delete(key)

    @invariant()
    def each_message_is_told_or_shown_once(self) -> None:
        for session in SESSIONS:
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

    @invariant()
    def a_search_finds_what_is_accepted_and_nothing_else(self) -> None:
        """In messages and titles; every message contains an m."""
        wanted = {(session, str(n), text) for session, said in self.accepted.items() for n, text in said.items()}
        found = self.do(self.everything())
        messages = [(one.session.encode(), one.id, one.excerpt) for one in found if one.where == "message"]
        assert sorted(messages) == sorted(wanted)
        for one in found:
            if one.where == "title":
                assert one.excerpt == next(iter(self.accepted[one.session.encode()].values()))

    async def everything(self) -> list[Found]:
        """All that a search for m finds."""
        one, found, start = self.replicas[0], [], None
        while True:
            answer = await Search(one.link, one.listing).find(Words("m"), UNNAMED, start, 1000)
            found += answer.results
            if answer.cursor is None:
                return found
            start = read_cursor(answer.cursor)

    @invariant()
    def vectors_are_those_of_their_messages(self) -> None:
        """No vector is left of a message that was withdrawn or deleted."""
        for session in SESSIONS:
            rows = self.do(self.rows(session))
            accepted = {n: text.encode().ljust(16, b"\1") for n, text in self.accepted.get(session, {}).items()}
            assert rows.items() <= accepted.items()

    async def rows(self, session: bytes) -> dict[int, bytes]:
        """The vectors of a session, by the number of their message."""
        vectors = Vectors(self.replicas[1].link)
        index = await vectors.index(session)
        if index is None or not index.size:
            return {}
        chunks = [chunk async for group in vectors.chunks(session, index) for chunk in group]
        rows = {first + at // 16: row[at : at + 16] for first, row in chunks for at in range(0, len(row), 16)}
        return {number: row for number, row in rows.items() if row != bytes(16)}

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


def play(urls: Sequence[str], *, games: int) -> None:
    """Play this many games on the server, or the cluster, of these addresses."""
    machine = type("MemoryOnThisValkey", (Memory,), {"urls": urls})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=games,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        ),
    )


@pytest.mark.timeout(240 * max(1, THOROUGHNESS))
def test_each_accepted_message_is_in_the_window_or_folded_exactly_once(redis_url: str) -> None:
    """No sequence of appends, folds, forks, failures, races, deletions and restarts loses, doubles or reorders any."""
    play([redis_url], games=examples(25))


@pytest.mark.timeout(240 * max(1, THOROUGHNESS))
def test_the_promise_holds_on_a_cluster(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With sessions and their forks on different nodes."""
    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)]) as nodes:
        play([node.server.url for node in nodes], games=examples(6))
