"""Runs in Redis: one active run for each session, with a log of its events, a lease, and the request to stop.

A run is a hash, which is also the session's lock and has no TTL. Its log is a stream for each generation, with entry
ids of ``seq + 1``. Every script that changes a run checks the generation first, so a worker that was only asleep is
fenced. ``runs:active`` lists the sessions with a run for sweeps: a hint, always checked against the hash. A bell
(pub/sub, no data, may be lost) makes readers in other processes look again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chat.domain.events import MemoryLoaded, TextDelta, decode, encode
from chat.domain.exceptions import RunFenced, RunLogUnreachable
from chat.domain.prompts import PromptRecord
from chat.domain.runs import RunState, Turn
from chat.domain.session_ids import Session
from chat.runs.keys import ACTIVE, done_key, ended_key, endings_key, log_key, prompt_key, run_key, stop_key
from chat.runs.prompts import FIELDS, UNENDED, decode_record, keep_command
from chat.runs.records import Batch, Beginning, Claim, LogSlice, WriteResult
from chat.runs.scripts import ABANDON, BEGIN, COMMIT, FINISH, FORGET, STOP, TAKE_OVER, UNLIST, WRITE
from chat.runs.store import Store
from redis_link.connection import Command, Reply

#: Milliseconds for which an ended run can be replayed and a stop request is kept.
RETENTION = 5 * 60 * 1000
#: Entries that a reader takes at once.
READ_COUNT = 1000


class RunLog:
    """The log of all runs. ``lease`` is in seconds. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, store: Store, *, lease: float = 5) -> None:
        self._store = store
        self.lease = lease
        self._lease_ms = str(int(lease * 1000))

    async def check(self) -> None:
        """Return if the list of running turns, without which none begins, can be read."""
        await self._store.ask("EXISTS", ACTIVE)

    async def begin(self, turn: Turn) -> Beginning:
        """Begin a run, unless the session has one or the turn has ended."""
        session, turn_id = turn.session, turn.turn_id
        memory_id = session.memory_id
        keys = [run_key(memory_id), done_key(memory_id, turn_id), log_key(memory_id, turn_id, 1), ended_key(memory_id)]
        place = "" if turn.replace_after is None else turn.replace_after
        arguments = (turn_id, turn.text, session.namespace or "", self._lease_ms, encode(turn.started), place)
        # Listed first, so that no run is ever unlisted; and as due at once, so that attempts to use a busy session do
        # not delay sweeps.
        listed = time.time()
        _, begun = await self._store.ask_all(("ZADD", ACTIVE, listed, memory_id), BEGIN.call(keys, arguments))
        kind, known_turn, generation, known_text, known = begun
        found = known_turn.decode(), int(generation), known_text.decode()
        state = RunState(*found, ended=kind == b"ended", stopping=kind == b"stopping")
        if state.ended:
            await self._unlist(memory_id, listed)
        idle = None if known < 0 else (RETENTION - known) / 1000
        return Beginning(state, kind == b"begun", idle)

    async def write(self, batches: Sequence[Batch]) -> list[WriteResult | RunFenced | RunLogUnreachable]:
        """Write all ``batches`` in one round trip and renew their leases.

        A fenced one does not affect the others, nor does one whose node of a Cluster is away.
        """
        deadline = time.time() + self.lease
        listed = [each for batch in batches for each in (deadline, batch.memory_id)]
        commands: list[Command] = [("ZADD", ACTIVE, *listed)]
        for batch in batches:
            keys = [run_key(batch.memory_id), _log_of(batch), stop_key(batch.memory_id, batch.turn_id)]
            commands.append(WRITE.call(keys, _lines(batch, self._lease_ms)))
        commands += filter(None, (keep_command(batch, UNENDED) for batch in batches))
        answers = await self._store.settle(*commands)
        return [_answer(answer) for answer in answers[1 : 1 + len(batches)]]

    async def commit(self, batch: Batch, reply: str, *, stopped: bool, epoch: str | None) -> WriteResult:
        """Record the reply before it is appended. Returns "stop": the user stopped it first. Raises `RunFenced`."""
        keys = [run_key(batch.memory_id), stop_key(batch.memory_id, batch.turn_id)]
        arguments = (batch.turn_id, batch.generation, self._lease_ms, reply, str(int(stopped)), epoch or "")
        return _raised(_answer(await self._store.run(COMMIT, keys, *arguments)))

    async def finish(self, batch: Batch) -> None:
        """Write the last entries and the end of the record, and release the session. Raises `RunFenced`."""
        memory_id = batch.memory_id
        keys = [
            run_key(memory_id),
            _log_of(batch),
            ended_key(memory_id),
            done_key(memory_id, batch.turn_id),
            stop_key(memory_id, batch.turn_id),
            endings_key(memory_id),
        ]
        finish = FINISH.call(keys, _lines(batch, str(RETENTION)))
        ending = [*filter(None, [keep_command(batch, RETENTION)]), finish]
        try:
            listed, *_, answer = await self._store.ask_all(("ZSCORE", ACTIVE, memory_id), *ending)
        except RunLogUnreachable as outage:
            if outage.reason:
                raise
            # The list may be on another node of a Cluster, which is away: then a sweep removes the session from it.
            listed, *_, answer = None, *await self._store.ask_all(*ending)
        _raised(_answer(answer))
        with suppress(RunLogUnreachable):
            await self._unlist(memory_id, listed)

    async def forget(self, memory_id: str) -> None:
        """Forget the ended turns, which can then no longer be replayed. An active one continues."""
        for member in await self._store.ask("ZRANGE", endings_key(memory_id), 0, -1):
            generation, _, turn_id = member.decode().partition(":")
            logs = [log_key(memory_id, turn_id, number) for number in range(1, int(generation) + 1)]
            keys = [run_key(memory_id), ended_key(memory_id), endings_key(memory_id), done_key(memory_id, turn_id)]
            await self._store.run(FORGET, [*keys, prompt_key(memory_id, turn_id), *logs], turn_id, member)

    async def stop(self, memory_id: str, turn_id: str) -> bool:
        """Request that the run stops. False: its reply is already complete, or there is no such run."""
        keys = [run_key(memory_id), stop_key(memory_id, turn_id)]
        return bool(await self._store.run(STOP, keys, turn_id, RETENTION))

    async def abandon(self, batch: Batch) -> None:
        """Release a run, so that another worker can take it over at once."""
        memory_id = batch.memory_id
        await self._store.run(ABANDON, [run_key(memory_id)], batch.turn_id, batch.generation)
        await self._store.ask("ZADD", ACTIVE, "XX", 0, memory_id)

    async def take_over(self, memory_id: str, turn_id: str, generation: int) -> Claim | None:
        """Take the run over as its next generation, if its lease has lapsed and no other worker has taken it over."""
        logs = [log_key(memory_id, turn_id, generation), log_key(memory_id, turn_id, generation + 1)]
        keys = [run_key(memory_id), *logs, stop_key(memory_id, turn_id)]
        arguments = (turn_id, generation, generation + 1, self._lease_ms, RETENTION)
        held = await self._store.run(TAKE_OVER, keys, *arguments)
        if held is None:
            return None
        text, namespace, state, reply, stopped, epoch, place, stop_requested = (field.decode() for field in held)
        session = Session(memory_id, namespace or None)
        claim = Claim(session, turn_id, generation + 1, text, replace_after=place or None)
        if state == "committing":
            return replace(claim, reply=reply, stopped=stopped == "1", epoch=epoch or None)
        if stop_requested == "1":  # the user keeps the text seen before the worker died
            reply, loaded = await self._reply_so_far(logs[0])
            return replace(claim, reply=reply, stopped=True, epoch=loaded)
        return claim

    async def active(self, owner: str) -> list[str]:
        """The memory ids of the owner's sessions that have an active run, or had one a moment ago."""
        found: list[str] = []
        cursor = b"0"
        while True:
            cursor, members = await self._store.ask("ZSCAN", ACTIVE, cursor, "MATCH", f"{owner}.*", "COUNT", READ_COUNT)
            found += (each.decode() for each in members[::2])
            if cursor == b"0":
                return found

    async def state(self, memory_id: str) -> RunState | None:
        """The session's active run, or one that ended less than five minutes ago, or None."""
        fields = ("turn", "generation", "text", "stopping")
        active, ended = await self._store.ask_all(
            ("HMGET", run_key(memory_id), *fields), ("HMGET", ended_key(memory_id), *fields)
        )
        for (turn, generation, text, stopping), over in ((active, False), (ended, True)):
            if turn is not None:
                return RunState(turn.decode(), int(generation), text.decode(), over, bool(stopping) and not over)
        return None

    async def ended(self, memory_id: str) -> list[str]:
        """The ids of the turns that ended less than five minutes ago, newest first."""
        members = await self._store.ask("ZRANGE", endings_key(memory_id), "+inf", time.time() * 1000, "BYSCORE", "REV")
        return [member.decode().partition(":")[2] for member in members]

    async def prompt(self, memory_id: str, turn_id: str) -> PromptRecord | None:
        """What the turn's model was sent; None if that is unknown, or the turn ended more than five minutes ago."""
        return decode_record(*await self._store.ask("HMGET", prompt_key(memory_id, turn_id), *FIELDS))

    async def read(self, memory_id: str, turn_id: str, generation: int, seq: int) -> LogSlice | None:
        """The log's entries after ``seq`` (-1: all), and the run's current generation. None: no such run."""
        log = log_key(memory_id, turn_id, generation)
        active, done, entries, last = await self._store.ask_all(
            ("HMGET", run_key(memory_id), "turn", "generation", "lease"),
            ("GET", done_key(memory_id, turn_id)),
            ("XRANGE", log, f"{seq + 2}-0", "+", "COUNT", READ_COUNT),
            ("XREVRANGE", log, "+", "-", "COUNT", 1),
        )
        running = active[0] == turn_id.encode()
        if not running and done is None:
            return None
        return LogSlice(
            generation=int(active[1] if running else done),
            ended=not running,
            lapsed=running and int(active[2]) / 1000 < time.time(),
            last_seq=_seq(last[0][0]) if last else -1,
            events=[decode(event) for _, (_, event) in entries],
        )

    async def lapsed(self) -> list[tuple[str, str, int]]:
        """(memory id, turn id, generation) of the runs whose lease seems to have lapsed."""
        now = time.time()
        due = await self._store.ask("ZRANGE", ACTIVE, "-inf", now, "BYSCORE", "LIMIT", 0, 100, "WITHSCORES")
        runs = []
        for member, listed in zip(due[::2], due[1::2], strict=True):
            memory_id, fields = member.decode(), ("turn", "generation", "lease")
            turn, generation, lease = await self._store.ask("HMGET", run_key(memory_id), *fields)
            if turn is None:  # it ended, but is still in the list
                await self._unlist(memory_id, listed)
            elif int(lease) / 1000 < now:
                runs.append((memory_id, turn.decode(), int(generation)))
        return runs

    # --- inner ------------------------------------------------------------------------------------------------

    async def _reply_so_far(self, log: str) -> tuple[str, str | None]:
        """The reply as far as it is in ``log``, and the epoch of the session loaded for it."""
        events = [decode(event) for _, (_, event) in await self._store.ask("XRANGE", log, "-", "+")]
        reply = "".join(event.text for event in events if isinstance(event, TextDelta))
        return reply, next((event.epoch for event in events if isinstance(event, MemoryLoaded)), None)

    async def _unlist(self, memory_id: str, listed: bytes | float | None) -> None:
        """Remove the session from the list, unless another run has been listed since its score was ``listed``."""
        if listed is not None:
            await self._store.run(UNLIST, [ACTIVE], memory_id, repr(float(listed)))


def _answer(answer: Reply | RunLogUnreachable) -> WriteResult | RunFenced | RunLogUnreachable:
    match answer:
        case RunLogUnreachable():
            return answer
        case b"fenced":
            return RunFenced()
        case b"stop":
            return "stop"
        case _:
            return "ok"


def _raised(answer: WriteResult | RunFenced | RunLogUnreachable) -> WriteResult:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _lines(batch: Batch, milliseconds: str) -> list[Any]:
    """The arguments that `write` and `finish` share."""
    head = [batch.turn_id, batch.generation, milliseconds, batch.seq]
    return [*head, *map(encode, batch.events)]


def _seq(entry_id: bytes) -> int:
    return int(entry_id.split(b"-")[0]) - 1


def _log_of(batch: Batch) -> str:
    return log_key(batch.memory_id, batch.turn_id, batch.generation)
