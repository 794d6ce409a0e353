"""The vectors of a session in Redis: one row per message, in order, in chunks that are fields of a hash.

Row ``n`` belongs to message ``n``, and ``indexed`` is the last message with a row: a gap can only be at the end, where
the indexer finds it. The name of a chunk contains the model and the length of its rows, so they are never mistaken for
those of another model. A full chunk changes only when messages are withdrawn, so it may be cached until then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from motorhead.recall.embeddings import Vector
from motorhead.store.keys import CHUNK, SessionKeys
from motorhead.store.redis_errors import DAMAGED
from motorhead.store.scripts import INDEX
from motorhead.store.state import LARGEST
from redis_link.exceptions import StoreRefused
from redis_link.link import Link
from redis_link.scripts import Argument

#: Approximate bytes per read, and bytes of full chunks cached in this process.
READ_BYTES = 1024 * 1024
CACHE_BYTES = 64 * 1024 * 1024

#: The name of a chunk: its session, the session's epoch with its count of withdrawals, and its field in the hash.
_Name = tuple[bytes, str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """How far a session is indexed: up to message ``indexed``, with vectors of ``model`` of ``size`` bytes.

    ``withdrawals``: how often messages of the session were withdrawn.
    """

    epoch: str
    last: int
    indexed: int
    kept_from: int
    model: str
    size: int = 0
    withdrawals: int = 0

    def fits(self, model: str, size: int) -> bool:
        """Whether its vectors can be compared with those of ``model`` of ``size`` bytes (0: not known)."""
        return self.model == model and self.size > 0 and size in {0, self.size}


class Vectors:
    """Reads and appends vectors."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._cache: OrderedDict[_Name, bytes] = OrderedDict()
        self._cached = 0

    async def index(self, session_id: bytes) -> Index | None:
        """How far the session is indexed; None if there is no such session. Raises `StoreRefused`: it is damaged."""
        fields = ("epoch", "last", "indexed", "kept_from", "vector_model", "vector_size", "withdrawals")
        reply = await self._link.execute("HMGET", SessionKeys(session_id).state, *fields)
        if reply[0] is None:
            return None
        epoch, last, indexed, kept, model, size, withdrawals = reply
        try:
            index = Index(
                epoch.decode(), int(last or 0), int(indexed or 0), int(kept or 1), (model or b"").decode(),
                int(size or 0), int(withdrawals or 0),
            )  # fmt: skip
        except ValueError:
            raise StoreRefused(DAMAGED) from None
        counts = (index.last, index.indexed, index.kept_from, index.size)
        if min(counts) < 0 or max(counts) >= LARGEST or index.indexed > index.last:
            raise StoreRefused(DAMAGED)
        return index

    @staticmethod
    def first_missing(index: Index, model: str, size: int) -> int:
        """The number of the first message without a vector of ``model`` of ``size`` bytes (0: not known)."""
        return max(index.indexed + 1 if index.fits(model, size) else 1, index.kept_from)

    async def append(self, session_id: bytes, index: Index, model: str, first: int, rows: Sequence[Vector]) -> bool:
        """Store vectors of equal length for the messages from ``first`` on, the first missing one of ``index``.

        False, and no change, if the index has changed. Vectors of another model or length are deleted.
        """
        keys = SessionKeys(session_id)
        arguments: list[Argument] = [
            index.epoch, index.indexed, index.model, index.size, index.withdrawals,
            first - 1, model, len(rows[0]), CHUNK, *rows,
        ]  # fmt: skip
        return bool(await self._link.run(INDEX, [keys.state, keys.vectors], arguments))

    async def chunks(self, session_id: bytes, index: Index) -> AsyncIterator[list[tuple[int, bytes]]]:
        """Chunks in groups, oldest first: each is the number of its first message and its rows of ``index.size``."""
        wanted = range((index.kept_from - 1) // CHUNK, (index.indexed + CHUNK - 1) // CHUNK)
        at_once = max(1, READ_BYTES // (CHUNK * max(index.size, 1)))
        for start in range(0, len(wanted), at_once):
            numbers = wanted[start : start + at_once]
            found = zip(numbers, await self._read(session_id, index, numbers), strict=True)
            yield [(number * CHUNK + 1, rows) for number, rows in found if rows and len(rows) % index.size == 0]

    async def _read(self, session_id: bytes, index: Index, numbers: Sequence[int]) -> list[bytes | None]:
        life = f"{index.epoch}-{index.withdrawals}"
        names = [(session_id, life, f"{number}/{index.size}/{index.model}") for number in numbers]
        found: dict[_Name, bytes | None] = {name: self._cache.get(name) for name in names}
        missing = [name for name in names if found[name] is None]
        if missing:
            fields = [field for _, _, field in missing]
            replies = await self._link.execute("HMGET", SessionKeys(session_id).vectors, *fields)
            found |= zip(missing, replies, strict=True)
            for number, name in zip(numbers, names, strict=True):
                rows = found[name]
                # A chunk that should be full and is not may yet be repaired, so it is not cached.
                if rows is not None and len(rows) == CHUNK * index.size and index.indexed >= (number + 1) * CHUNK:
                    self._keep(name, rows)
        return [found[name] for name in names]

    def _keep(self, name: _Name, rows: bytes) -> None:
        self._cached += len(rows) - len(self._cache.pop(name, b""))
        self._cache[name] = rows
        while self._cached > CACHE_BYTES:
            self._cached -= len(self._cache.popitem(last=False)[1])
