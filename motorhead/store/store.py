"""The sessions in Redis: each has a stream of messages, a hash of state and a stream of summary versions.

Reads are pipelined, writes are scripts. Reads are consistent without locks: the state is read first, and messages
beyond it in the stream are newer and left out. The epoch and the count of withdrawals are read last. If they differ
from the state's, the session was deleted in between, or messages were withdrawn, so everything is read again.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from motorhead.exceptions import SessionBusy
from motorhead.messages import (
    FoldedRange,
    History,
    Message,
    NewMessage,
    open_version,
    read_message,
    weigh,
)
from motorhead.store.appending import NOTHING, Appended, NewContent, append_command, position, read_appended
from motorhead.store.keys import Mark, SessionKeys
from motorhead.store.listing import note_refusals
from motorhead.store.scripts import COMMIT_FOLD, DELETE, FORGET_RATE, NOTE_FOLD, RATE, SPEND
from motorhead.store.state import FOLD_FIELDS, STATE_FIELDS, State, parse_fold_state, parse_state
from motorhead.usage import Usage
from redis_link.connection import Command, Reply, checked
from redis_link.exceptions import StoreUnavailable
from redis_link.link import Link

#: How often to read a session from which messages are withdrawn, or that is deleted, meanwhile.
TRIES = 20
#: How often to try a replacement while others append or withdraw.
REPLACEMENTS = 50
#: Messages read at once to learn the weight of many.
PAGE = 500

_random = random.Random(secrets.randbits(128))


def new_epoch() -> str:
    """A random epoch, which distinguishes a session from earlier ones of the same id.

    It is not a secret, so it is made without the cost of a system call.
    """
    return f"{_random.getrandbits(64):016x}"


@dataclass(frozen=True, slots=True)
class Fold:
    """A summary to commit, made from ``state`` and the ``messages`` that follow its watermark."""

    state: State
    messages: Sequence[Message]
    context: str
    prompt_tokens: int
    completion_tokens: int


class Store:
    """Reads and writes sessions.

    Every method raises `StoreUnavailable`: Redis did not answer; and `StoreRefused`: it answered with an error.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    async def append(
        self,
        session_id: bytes,
        messages: Sequence[NewMessage],
        context: str | None,
        namespace: Mark,
        listing: Sequence[Command],
        *,
        replace_after: int | None = None,
        through: int | None = None,
        epoch: str = "",
        key: str = "",
        summary_tag: str = "",
    ) -> Appended:
        """Append ``messages`` (oldest first) and set ``context`` (None: keep the present one), once per ``key``.

        ``replace_after``: withdraw all messages behind this number first. ``through``: begin a session whose context
        covers its first messages, up to this number. ``listing``: the commands that list the session. They are sent
        first, so that a session is never unlisted. An error in a listing is only logged, because it does not undo the
        append.
        Raises `Conflict`: ``key`` was used with another request; `SessionBusy`: the session keeps changing.
        Raises `SessionExists`: ``through`` is given, but the session has begun already.
        Raises `EpochGone` or `SummaryChanged`: ``epoch`` or ``summary_tag`` is given, but is not the session's.
        Raises `FoldedAlready` or `NoSuchMessage`: the messages behind ``replace_after`` cannot be withdrawn.
        """
        new = NewContent(messages, context, replace_after, through, epoch, key, summary_tag)
        for _ in range(REPLACEMENTS):
            withdrawn = NOTHING if replace_after is None else await self._behind(session_id, replace_after)
            command = append_command(session_id, new, namespace, new_epoch(), withdrawn)
            *listed, reply = await self._link.replies([*listing, command])
            note_refusals(listed)
            if appended := read_appended(checked(reply)):
                return appended
        raise SessionBusy("The session keeps changing; nothing was replaced. Try again in a moment.")

    async def _behind(self, session_id: bytes, number: int) -> tuple[str, int]:
        """The position of the session, and the weight of all messages behind ``number`` that are not folded."""
        state = await self.state(session_id)
        if state is None:
            return position(state), 0
        weight, first = 0, max(number, state.folded) + 1
        while page := await self.messages(session_id, first, state.last, PAGE):
            weight += sum(weigh(message.content) for message in page)
            first = page[-1].number + 1
        return position(state), weight

    async def state(self, session_id: bytes) -> State | None:
        """The session's state; None if the session does not exist."""
        reply = await self._link.execute("HMGET", SessionKeys(session_id).state, *STATE_FIELDS)
        return parse_state(reply)

    async def fold_state(self, session_id: bytes) -> State | None:
        """The session's state and instructions; None if the session does not exist."""
        reply = await self._link.execute("HMGET", SessionKeys(session_id).state, *FOLD_FIELDS)
        return parse_fold_state(reply)

    async def states(self, session_ids: Sequence[bytes]) -> list[State | None]:
        """The state of each session (None if it does not exist), read in one round trip."""
        commands = [("HMGET", SessionKeys(session_id).state, *STATE_FIELDS) for session_id in session_ids]
        return [parse_state(reply) for reply in await self._link.gather(*commands)] if commands else []

    async def window(
        self, session_id: bytes, expected: int, most: int | None = None
    ) -> tuple[State, list[bytes]] | None:
        """The state and the stored messages above the watermark, newest first; None if the session does not exist.

        ``expected``: the usual number of messages; up to that many are read in one round trip.
        ``most``: the number of newest messages to return (None: all).
        """
        keys = SessionKeys(session_id)
        for _ in range(TRIES):
            fields, entries, life = await self._link.pipeline(
                ("HMGET", keys.state, *STATE_FIELDS),
                ("XREVRANGE", keys.messages, "+", "-", "COUNT", expected),
                _life(keys),
            )
            state = parse_state(fields)
            if state is None:
                return None
            blobs = [entry[1][1] for entry in _between(entries, state.folded, state.last)]
            wanted = state.unfolded if most is None else min(most, state.unfolded)
            # If a message is missing, there are fewer than the state counts, so check how far down the read went.
            if len(blobs) < wanted and not _reaches(entries, expected, state.folded):
                blobs, life = await self._newest(keys, state, wanted)
            if life == [fields[0], fields[-1]]:
                return state, blobs[:wanted]
        raise StoreUnavailable("The session kept changing while it was read; ask again.")

    async def _newest(self, keys: SessionKeys, state: State, count: int) -> tuple[list[bytes], Reply]:
        """The newest ``count`` messages above the watermark at most, newest first, and the life of their session."""
        entries, life = await self._link.pipeline(
            ("XREVRANGE", keys.messages, state.last, state.folded + 1, "COUNT", count), _life(keys)
        )
        return [entry[1][1] for entry in entries], life

    async def history(self, session_id: bytes, before: int | None, limit: int) -> History:
        """Up to ``limit`` messages before number ``before`` (None: the newest), newest first, without damaged ones."""
        if before is not None and before <= 1:
            return History([], None)
        start = "+" if before is None else before - 1
        reply = await self._link.execute("XREVRANGE", SessionKeys(session_id).messages, start, "-", "COUNT", limit + 1)
        blobs = [msgspec.Raw(entry[1][1]) for entry in reply[:limit] if message_of(entry)]
        more = len(reply) > limit
        return History(blobs, str(_number(reply[limit - 1][0])) if more else None)

    async def messages(self, session_id: bytes, first: int, last: int, count: int) -> list[Message]:
        """Up to ``count`` messages numbered ``first`` to ``last``, oldest first, without damaged ones."""
        reply = await self._link.execute("XRANGE", SessionKeys(session_id).messages, first, last, "COUNT", count)
        return [message for entry in reply if (message := message_of(entry))]

    async def newest(self, session_id: bytes, state: State, count: int) -> list[Message]:
        """The newest ``count`` messages above the watermark of ``state``, oldest first, without damaged ones."""
        key = SessionKeys(session_id).messages
        reply = await self._link.execute("XREVRANGE", key, state.last, state.folded + 1, "COUNT", count)
        return [message for entry in reversed(reply) if (message := message_of(entry))]

    async def messages_numbered(self, session_id: bytes, epoch: str, numbers: Sequence[int]) -> list[Message | None]:
        """The messages with these numbers; None for each that is missing, damaged or of another epoch."""
        keys = SessionKeys(session_id)
        ranges = [("XRANGE", keys.messages, number, number) for number in numbers]
        *replies, present = await self._link.pipeline(*ranges, ("HGET", keys.state, "epoch"))
        same = present == epoch.encode()
        return [message_of(reply[0]) if reply and same else None for reply in replies]

    async def commit_fold(self, session_id: bytes, fold: Fold, *behind: Command) -> bool:
        """Replace messages by their summary; False, without any change, if the session has changed.

        ``behind``: commands to send behind it, whatever becomes of it, and whose replies nobody needs.
        """
        keys, state, messages = SessionKeys(session_id), fold.state, fold.messages
        tokens = fold.prompt_tokens + fold.completion_tokens
        folded = FoldedRange(messages[0].id, messages[-1].id, len(messages))
        arguments = (
            state.epoch, state.folded, state.context_version, messages[-1].id, fold.context, tokens,
            sum(weigh(message.content) for message in messages),
            open_version(fold.context, "fold", folded, tokens), fold.prompt_tokens, fold.completion_tokens,
        )  # fmt: skip
        commit = COMMIT_FOLD.call([keys.state, keys.versions, keys.withdrawn], arguments)
        replies = await self._link.replies([commit, *behind])
        return bool(checked(replies[0]))

    async def note_fold(self, session_id: bytes, epoch: str, reason: str, parked: bool) -> None:
        """Store the reason why the session's fold waits ("": it does not wait)."""
        arguments = (epoch, reason, "1" if parked else "0")
        await self._link.run(NOTE_FOLD, [SessionKeys(session_id).state], arguments)

    async def spend(self, session_id: bytes, epoch: str, usage: Usage) -> None:
        """Add tokens that produced no summary version to the session's count, if its epoch is still ``epoch``."""
        await self._link.run(SPEND, [SessionKeys(session_id).state], (epoch, usage.prompt, usage.completion))

    async def allowance(self, session_id: bytes, a_minute: int) -> int:
        """Count an append against a limit of ``a_minute``; the milliseconds until it is allowed, 0 for now."""
        return int(await self._link.run(RATE, [SessionKeys(session_id).rate], [a_minute]))

    async def forget_allowance(self, session_id: bytes) -> None:
        """Delete the count of ``allowance`` if the session does not exist."""
        keys = SessionKeys(session_id)
        await self._link.run(FORGET_RATE, [keys.state, keys.rate], [])

    async def delete(self, session_id: bytes) -> list[Mark]:
        """Delete the session; the namespaces that listed it."""
        namespaces: list[Mark] = await self._link.run(DELETE, SessionKeys(session_id).all, [])
        return namespaces


def opening(session_id: bytes, expected: int) -> list[Command]:
    """The commands that read what a fold begins with. ``expected``: the usual number of messages in the window."""
    keys = SessionKeys(session_id)
    return [
        ("HMGET", keys.state, *FOLD_FIELDS),
        ("XREVRANGE", keys.messages, "+", "-", "COUNT", expected),
    ]


def read_opening(replies: Sequence[Reply], expected: int) -> tuple[State | None, list[Message] | None]:
    """The state, and all messages above its watermark, oldest first; None if there are more than ``expected``.

    Damaged messages are left out.
    """
    fields, entries = replies
    state = parse_fold_state(fields)
    if state is None or not _reaches(entries, expected, state.folded):
        return state, None
    window = _between(entries, state.folded, state.last)
    return state, [message for entry in reversed(window) if (message := message_of(entry))]


def _life(keys: SessionKeys) -> Command:
    """The command that reads what differs if messages that were read may not be those of the state."""
    return ("HMGET", keys.state, "epoch", "withdrawals")


def message_of(entry: Any) -> Message | None:
    """The message in a stream's ``entry``; None if it is damaged or its number is not the entry's."""
    message = read_message(entry[1][1])
    return message if message is not None and entry[0] == b"%s-0" % message.id.encode() else None


def _number(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[0])


def _between(entries: Sequence[Any], folded: int, last: int) -> Sequence[Any]:
    """Those of ``entries`` (newest first) with ``folded`` < number <= ``last``."""
    begin, end = 0, len(entries)  # search from both ends, because most entries are wanted and parsing a number is slow
    while begin < end and _number(entries[begin][0]) > last:
        begin += 1
    while begin < end and _number(entries[end - 1][0]) <= folded:
        end -= 1
    return entries[begin:end]


def _reaches(entries: Sequence[Any], asked: int, folded: int) -> bool:
    """Whether ``entries``, the newest ``asked`` of the stream, reach the watermark or the stream's beginning."""
    return len(entries) < asked or _number(entries[-1][0]) <= folded
