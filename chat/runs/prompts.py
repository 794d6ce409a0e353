"""What turns' models were sent, as it is kept in Redis: compressed, and not more than a bounded amount of text."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from chat.domain.prompts import PromptPart, PromptRecord, SentPrompt, TurnEnd
from chat.runs.keys import prompt_key, run_key
from chat.runs.records import Batch
from chat.runs.scripts import KEEP
from redis_link.connection import Command
from redis_link.scripts import Argument

#: The fields of a turn's hash.
FIELDS = (SENT, END) = ("sent", "end")
#: Characters of a prompt that are kept.
MOST_KEPT = 300_000
#: Milliseconds for which the prompt of a run that does not end is kept.
UNENDED = 60 * 60 * 1000
#: The fastest: text shrinks to about half.
_LEVEL = 1


def keep_command(batch: Batch, milliseconds: int) -> Command | None:
    """The command that keeps what ``batch`` has besides its entries; None if it has nothing."""
    values: list[Argument] = []
    if batch.sent:
        values += [SENT, encode_sent(batch.sent)]
    if batch.end:
        values += [END, msgspec.json.encode(batch.end)]
    if not values:
        return None
    keys = run_key(batch.memory_id), prompt_key(batch.memory_id, batch.turn_id)
    # Not by its digest: it is sent once or twice in a turn, and must not fail with the commands beside it.
    return "EVAL", KEEP.source, len(keys), *keys, batch.turn_id, batch.generation, milliseconds, *values


def encode_sent(sent: SentPrompt) -> bytes:
    """``sent``, compressed, with as much of its text as is kept."""
    return zlib.compress(msgspec.json.encode(replace(sent, parts=bounded(sent.parts))), _LEVEL)


def decode_record(sent: bytes | None, end: bytes | None) -> PromptRecord | None:
    """The record in a turn's hash; None without a prompt."""
    if sent is None:
        return None
    prompt = msgspec.json.decode(zlib.decompress(sent), type=SentPrompt)
    return PromptRecord(prompt, msgspec.json.decode(end, type=TurnEnd) if end else None)


def bounded(parts: tuple[PromptPart, ...]) -> tuple[PromptPart, ...]:
    """``parts`` with their longest texts cut, so that all together have at most `MOST_KEPT` characters."""
    if sum(len(part.text) for part in parts) <= MOST_KEPT:
        return parts
    most = _most_each([len(part.text) for part in parts])
    return tuple(replace(part, text=part.text[:most], cut=max(0, len(part.text) - most)) for part in parts)


def _most_each(lengths: Sequence[int]) -> int:
    """The greatest length to which all may be cut to stay within the bound."""
    left = MOST_KEPT
    for place, length in enumerate(sorted(lengths)):
        share = left // (len(lengths) - place)
        if length > share:
            return share
        left -= length
    return left
