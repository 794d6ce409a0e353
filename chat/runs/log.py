"""Runs in Redis: one active run for each session, with a log of its events, a lease, and the request to stop.

A run is a hash, which is also the session's lock and has no TTL. Its log is a stream for each generation, with entry
ids of ``seq + 1``. Every script that changes a run checks the generation first, so a worker that was only asleep is
fenced. ``runs:active`` lists the sessions with a run for sweeps: a hint, always checked against the hash. A bell
(pub/sub, no data, may be lost) makes readers in other processes look again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import redis.exceptions
from redis.asyncio import Redis

from chat.domain.events import MemoryLoaded, TextDelta, decode, encode
from chat.domain.exceptions import RunFenced
from chat.domain.prompts import PromptRecord
from chat.domain.runs import RunState, Turn
from chat.domain.session_ids import Session
from chat.runs.keys import ACTIVE, bell_of, done_key, ended_key, endings_key, log_key, prompt_key, run_key, stop_key
from chat.runs.outages import outage
from chat.runs.prompts import FIELDS, UNENDED, decode_record, keep_command
from chat.runs.records import Batch, Beginning, Claim, LogSlice, WriteResult
from chat.runs.scripts import ABANDON, BEGIN, COMMIT, FINISH, FORGET, STOP, TAKE_OVER, UNLIST, WRITE
from redis_link.scripts import Script

#: Milliseconds for which an ended run can be replayed and a stop request is kept.
RETENTION = 5 * 60 * 1000
#: Entries that a reader takes at once.
READ_COUNT = 1000


class RunLog:
    """The log of all runs. ``lease`` is in seconds. Every method raises `RunLogUnreachable`: Redis did not answer."""

    def __init__(self, client: Redis, *, lease: float = 5) -> None:
        self._redis: Any = client  # its annotations are unions over all of its modes
        self.lease = lease
        self._lease_ms = str(int(lease * 1000))

    async def begin(self, turn: Turn) -> Beginning:
        """Begin a run, unless the session has one or the turn has ended."""
        session, turn_id = turn.session, turn.turn_id
        memory_id = session.memory_id
        keys = [run_key(memory_id), done_key(memory_id, turn_id), log_key(memory_id, turn_id, 1), ended_key(memory_id)]
        bell = bell_of(memory_id)
        place = "" if turn.replace_after is None else turn.replace_after
        arguments = (turn_id, turn.text, session.namespace or "", self._lease_ms, bell, encode(turn.started), place)
        # Listed first, so that no run is ever unlisted; and as due at once, so that attempts to use a busy session do
        # not delay sweeps.
        listed = time.time()
        listing = ("ZADD", ACTIVE, listed, memory_id)
        *_, begun = await self._run(BEGIN, keys, *arguments, before=[listing])
        kind, known_turn, generation, known_text, known = begun
        state = RunState(known_turn.decode(), int(generation), known_text.decode(), ended=kind == b"ended")
        if state.ended:
            await self._unlist(memory_id, listed)
        idle = None if known < 0 else (RETENTION - known) / 1000
        return Beginning(state, kind == b"begun", idle, stopping=kind == b"stopping")

    async def write(self, batches: Sequence[Batch]) -> list[WriteResult | RunFenced]:
        """Write all ``batches`` in one round trip and renew their leases. A fenced one does not affect the others."""
        deadline = time.time() + self.lease
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.zadd(ACTIVE, {batch.memory_id: deadline for batch in batches})
                for batch in batches:
                    keys = [run_key(batch.memory_id), _log_of(batch), stop_key(batch.memory_id, batch.turn_id)]
                    pipe.execute_command(*WRITE.call(keys, _lines(batch, self._lease_ms)))
                for command in filter(None, (keep_command(batch, UNENDED) for batch in batches)):
                    pipe.execute_command(*command)
                answers = await pipe.execute(raise_on_error=False)
            if any(isinstance(answer, redis.exceptions.NoScriptError) for answer in answers):
                await self._redis.script_load(WRITE.source)
                return await self.write(batches)
            return [_answer(answer) for answer in answers[1 : 1 + len(batches)]]

    async def commit(self, batch: Batch, reply: str, *, stopped: bool, epoch: str | None) -> WriteResult:
        """Record the reply before it is appended. Returns "stop": the user stopped it first. Raises `RunFenced`."""
        keys = [run_key(batch.memory_id), stop_key(batch.memory_id, batch.turn_id)]
        arguments = (batch.turn_id, batch.generation, self._lease_ms, reply, str(int(stopped)), epoch or "")
        (answer,) = await self._run(COMMIT, keys, *arguments)
        return _raised(_answer(answer))

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
        before = [("ZSCORE", ACTIVE, memory_id), *filter(None, [keep_command(batch, RETENTION)])]
        listed, *_, answer = await self._run(FINISH, keys, *_lines(batch, str(RETENTION)), before=before)
        _raised(_answer(answer))
        await self._unlist(memory_id, listed)

    async def forget(self, memory_id: str) -> None:
        """Forget the ended turns, which can then no longer be replayed. An active one continues."""
        with translated():
            members = await self._redis.zrange(endings_key(memory_id), 0, -1)
        for member in members:
            generation, _, turn_id = member.decode().partition(":")
            logs = [log_key(memory_id, turn_id, number) for number in range(1, int(generation) + 1)]
            keys = [run_key(memory_id), ended_key(memory_id), endings_key(memory_id), done_key(memory_id, turn_id)]
            await self._run(FORGET, [*keys, prompt_key(memory_id, turn_id), *logs], turn_id, member)

    async def stop(self, memory_id: str, turn_id: str) -> bool:
        """Request that the run stops. False: its reply is already complete, or there is no such run."""
        keys = [run_key(memory_id), stop_key(memory_id, turn_id)]
        (stopping,) = await self._run(STOP, keys, turn_id, RETENTION, bell_of(memory_id))
        return bool(stopping)

    async def abandon(self, batch: Batch) -> None:
        """Release a run, so that another worker can take it over at once."""
        await self._run(ABANDON, [run_key(batch.memory_id)], batch.turn_id, batch.generation, bell_of(batch.memory_id))
        with translated():
            await self._redis.zadd(ACTIVE, {batch.memory_id: 0}, xx=True)

    async def take_over(self, memory_id: str, turn_id: str, generation: int) -> Claim | None:
        """Take the run over as its next generation, if its lease has lapsed and no other worker has taken it over."""
        logs = [log_key(memory_id, turn_id, generation), log_key(memory_id, turn_id, generation + 1)]
        keys = [run_key(memory_id), *logs, stop_key(memory_id, turn_id)]
        arguments = (turn_id, generation, generation + 1, self._lease_ms, RETENTION, bell_of(memory_id))
        (held,) = await self._run(TAKE_OVER, keys, *arguments)
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
        with translated():
            return [each.decode() async for each, _ in self._redis.zscan_iter(ACTIVE, f"{owner}.*", count=READ_COUNT)]

    async def state(self, memory_id: str) -> RunState | None:
        """The session's active run, or one that ended less than five minutes ago, or None."""
        fields = ("turn", "generation", "text")
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hmget(run_key(memory_id), fields)
                pipe.hmget(ended_key(memory_id), fields)
                active, ended = await pipe.execute()
        for (turn, generation, text), over in ((active, False), (ended, True)):
            if turn is not None:
                return RunState(turn.decode(), int(generation), text.decode(), over)
        return None

    async def ended(self, memory_id: str) -> list[str]:
        """The ids of the turns that ended less than five minutes ago, newest first."""
        with translated():
            members = await self._redis.zrange(
                endings_key(memory_id), "+inf", time.time() * 1000, desc=True, byscore=True
            )
        return [member.decode().partition(":")[2] for member in members]

    async def prompt(self, memory_id: str, turn_id: str) -> PromptRecord | None:
        """What the turn's model was sent; None if that is unknown, or the turn ended more than five minutes ago."""
        with translated():
            return decode_record(*await self._redis.hmget(prompt_key(memory_id, turn_id), FIELDS))

    async def read(self, memory_id: str, turn_id: str, generation: int, seq: int) -> LogSlice | None:
        """The log's entries after ``seq`` (-1: all), and the run's current generation. None: no such run."""
        log = log_key(memory_id, turn_id, generation)
        with translated():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hmget(run_key(memory_id), ("turn", "generation", "lease"))
                pipe.get(done_key(memory_id, turn_id))
                pipe.xrange(log, min=f"{seq + 2}-0", count=READ_COUNT)
                pipe.xrevrange(log, count=1)
                active, done, entries, last = await pipe.execute()
        running = active[0] == turn_id.encode()
        if not running and done is None:
            return None
        return LogSlice(
            generation=int(active[1] if running else done),
            ended=not running,
            lapsed=running and int(active[2]) / 1000 < time.time(),
            last_seq=_seq(last[0][0]) if last else -1,
            events=[decode(fields[b"e"]) for _, fields in entries],
        )

    async def lapsed(self) -> list[tuple[str, str, int]]:
        """(memory id, turn id, generation) of the runs whose lease seems to have lapsed."""
        now = time.time()
        with translated():
            due = await self._redis.zrange(ACTIVE, "-inf", now, byscore=True, withscores=True, offset=0, num=100)
        runs = []
        for member, listed in due:
            memory_id = member.decode()
            with translated():
                turn, generation, lease = await self._redis.hmget(run_key(memory_id), ("turn", "generation", "lease"))
            if turn is None:  # it ended, but is still in the list
                await self._unlist(memory_id, listed)
            elif int(lease) / 1000 < now:
                runs.append((memory_id, turn.decode(), int(generation)))
        return runs

    # --- inner ------------------------------------------------------------------------------------------------

    async def _reply_so_far(self, log: str) -> tuple[str, str | None]:
        """The reply as far as it is in ``log``, and the epoch of the session loaded for it."""
        with translated():
            entries = await self._redis.xrange(log)
        events = [decode(fields[b"e"]) for _, fields in entries]
        reply = "".join(event.text for event in events if isinstance(event, TextDelta))
        return reply, next((event.epoch for event in events if isinstance(event, MemoryLoaded)), None)

    async def _unlist(self, memory_id: str, listed: float | None) -> None:
        """Remove the session from the list, unless another run has been listed since its score was ``listed``."""
        if listed is not None:
            await self._run(UNLIST, [ACTIVE], memory_id, repr(float(listed)))

    async def _run(
        self, script: Script, keys: Sequence[str], *arguments: Any, before: Sequence[Sequence[Any]] = ()
    ) -> list[Any]:
        """The results of the commands ``before`` the script and of the script itself, in one round trip."""
        command = script.call(keys, arguments)
        with translated():
            try:
                return await self._all(*before, command)
            except redis.exceptions.NoScriptError:
                return await self._all(*before, ("EVAL", script.source, *command[2:]))

    async def _all(self, *commands: Sequence[Any]) -> list[Any]:
        if len(commands) == 1:
            return [await self._redis.execute_command(*commands[0])]
        async with self._redis.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            answers: list[Any] = await pipe.execute()
        return answers


@contextmanager
def translated() -> Iterator[None]:
    """Turn redis-py's errors into ours, and keep cancellations from being lost.

    Python 3.11's ``wait_for``, which redis-py uses for its read time-out, swallows a cancellation that arrives
    together with the response.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    try:
        yield
    except (redis.exceptions.RedisError, OSError) as error:
        raise outage(error) from error
    if task and task.cancelling() > before:
        raise asyncio.CancelledError


def _answer(answer: Any) -> WriteResult | RunFenced:
    if isinstance(answer, Exception):
        raise answer
    match answer:
        case b"fenced":
            return RunFenced()
        case b"stop":
            return "stop"
        case _:
            return "ok"


def _raised(answer: WriteResult | RunFenced) -> WriteResult:
    if isinstance(answer, RunFenced):
        raise answer
    return answer


def _lines(batch: Batch, milliseconds: str) -> list[Any]:
    """The arguments that `write` and `finish` share."""
    head = [batch.turn_id, batch.generation, milliseconds, bell_of(batch.memory_id), batch.seq]
    return [*head, *map(encode, batch.events)]


def _seq(entry_id: bytes) -> int:
    return int(entry_id.split(b"-")[0]) - 1


def _log_of(batch: Batch) -> str:
    return log_key(batch.memory_id, batch.turn_id, batch.generation)
