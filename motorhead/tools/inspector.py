"""Checking one session for damage, and mending it. Unreadable content is set aside without losing a byte.

First the types of its keys are checked, then every entry of its streams, then a snapshot of its facts. Each change is
one script, which does nothing if the facts have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from motorhead.messages import Message, StoredVersion, read_version
from motorhead.store.keys import SessionKeys, set_aside_messages
from motorhead.store.scripts import FACTS, MEND, REWRITE
from motorhead.store.store import message_of, new_epoch
from motorhead.tools.diagnosis import COUNTS, TEXTS, Damage, Diagnosis, Facts
from motorhead.tools.weights import Weights
from redis_link.connection import Command
from redis_link.link import Link
from redis_link.scripts import Argument

#: Entries read at once; and versions, ten times as many if these contain no summary.
PAGE = 100
VERSIONS = 10
#: How often to check a session again that changes before it is mended.
TRIES = 5
#: The types of a session's keys, in the order of `SessionKeys.all`.
KINDS = (
    "hash", "stream", "set", "hash", "list", "stream", "hash", *["string"] * 3, "zset", "stream",
    *("string", "stream", "stream", "zset"), "hash",
)  # fmt: skip
#: Keys that servers can make again; the content of all others is set aside.
MADE_AGAIN = {
    "vectors", "lease", "index-lease", "rate", "copy", "copy-messages", "copy-versions", "copy-withdrawn",
}  # fmt: skip


class Inspector:
    """Checks the session of ``keys``; with ``mend`` it also repairs what it can."""

    def __init__(self, link: Link, keys: SessionKeys, *, mend: bool) -> None:
        self._link = link
        self._keys = keys
        self._mend = mend
        self._epoch: bytes | None = None
        self._weights = Weights()

    async def look(self) -> list[Damage]:
        """The damages of the session, mended or not.

        Raises `StoreRefused`: the session cannot be checked.
        """
        found = await self._kinds()
        if found and not self._mend:
            return found
        self._epoch = await self._link.execute("HGET", self._keys.state, "epoch")
        newest, messages = await self._stream(self._keys.messages, self._message_of)
        _, versions = await self._stream(self._keys.versions, _version_of)
        return [*found, *messages, *versions, *await self._judge(newest)]

    async def _kinds(self) -> list[Damage]:
        """Check the types of keys, starting with the last, where the content of the others is set aside."""
        keys, found = self._keys.all, []
        kinds = await self._link.pipeline(*(("TYPE", key) for key in keys))
        for key, kind, expected in reversed(list(zip(keys, kinds, KINDS, strict=True))):
            if kind.decode() not in {expected, "none"}:
                name = key.rpartition(b"}:")[2].decode()
                found.append(Damage(f"its {name} is a {kind.decode()}, not a {expected}"))
                commands: list[Command] = [("UNLINK", key)]
                if self._mend and name not in MADE_AGAIN:
                    commands.append(("HSET", self._keys.damaged, name, await self._link.execute("DUMP", key) or b""))
                await self._carry_out(commands, {("TYPE", key): kind})
        return found

    async def _stream(self, key: bytes, read: Callable[[Any], object]) -> tuple[int, list[Damage]]:
        """The number of the newest readable entry of a stream, and a damage for each unreadable one."""
        newest, found, start = 0, [], b"-"
        while page := await self._link.execute("XRANGE", key, start, "+", "COUNT", PAGE):
            for entry in page:
                if read(entry):
                    newest = int(entry[0].partition(b"-")[0])
                    continue
                name = key.rpartition(b"}:")[2]
                found.append(Damage(f"entry {entry[0].decode()} of its {name.decode()} cannot be read"))
                kept = [part if i % 2 else b"%s/%s/%s" % (name, entry[0], part) for i, part in enumerate(entry[1])]
                commands: list[Command] = [("HSET", self._keys.damaged, *kept), ("XDEL", key, entry[0])]
                await self._carry_out(commands, {("HGET", self._keys.state, "epoch"): self._epoch})
            start = b"(" + page[-1][0]
        return newest, found

    def _message_of(self, entry: Any) -> Message | None:
        """The message in a stream's ``entry``, whose weight is remembered; None if it is damaged."""
        message = message_of(entry)
        self._weights.read(int(entry[0].partition(b"-")[0]), message)
        return message

    async def _judge(self, newest: int, tries: int = TRIES) -> list[Damage]:
        """The damages shown by the facts; an empty list if the epoch has changed."""
        keys, facts = self._keys, await self._facts(newest, VERSIONS)
        if facts.state["epoch"] != self._epoch:
            return []
        diagnosis = Diagnosis(keys, facts, new_epoch())
        read = {("HGET", keys.state, field): value for field, value in facts.state.items()}
        if not await self._carry_out(diagnosis.commands, read):
            unmended = [replace(damage, mendable=False) for damage in diagnosis.damages]
            return await self._judge(newest, tries - 1) if tries else unmended
        if self._mend and diagnosis.needs_rewriting:
            which = [diagnosis.state["epoch"] or b"", diagnosis.state["last"] or 0]
            await self._link.run(REWRITE, [keys.state, keys.messages, keys.room], which)
        return diagnosis.damages

    async def _facts(self, newest: int, count: int) -> Facts:
        fields = (*COUNTS, *TEXTS)
        reply = await self._link.run(FACTS, self._keys.all, [count, *fields])
        (
            state,
            messages,
            first,
            top,
            versions_top,
            versions,
            namespaces,
            set_aside,
            vectors,
            expiries,
            now,
            withdrawn,
        ) = reply
        known = (version for entry in versions if (version := _version_of(entry)))
        summary = next((version for version in known if version.context.upper() != "NONE"), None)
        if not summary and len(versions) == count:
            return await self._facts(newest, count * 10)
        return Facts(
            newest, dict(zip(fields, state, strict=True)), messages, int(first.partition(b"-")[0] or 0), int(top),
            int(versions_top), summary, namespaces, set_aside_messages(set_aside),
            dict(zip(vectors[::2], vectors[1::2], strict=True)), -1 in expiries, int(now),
            frozenset(map(int, withdrawn)), self._weights,
        )  # fmt: skip

    async def _carry_out(self, commands: Sequence[Command], facts: Mapping[Any, bytes | None]) -> bool:
        """Run the commands if ``mend`` is set; False, without any change, if one of the ``facts`` has changed."""
        if not (commands and self._mend):
            return True
        words: list[Argument] = [len(facts)]
        for question, answer in facts.items():
            words += [len(question), *question, b"" if answer is None else b"=" + answer]
        for command in commands:
            words += [len(command), *command]
        return bool(await self._link.run(MEND, self._keys.all, words))


def _version_of(entry: Any) -> StoredVersion | None:
    """The version in a stream's ``entry``; None if it is damaged or its number is not the entry's."""
    version = read_version(entry[1][1])
    return version if version and entry[0] == b"%d-0" % version.version and len(version.through) <= 15 else None
