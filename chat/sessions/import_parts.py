"""What an import makes of a session in a file: its id, the batches of its messages, and its details."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import InvalidImport
from chat.domain.messages import Message
from chat.sessions.details import INSTRUCTIONS, LABEL, LABELS, TITLE
from chat.sessions.importable import ImportableSession

#: The most bytes, as JSON, and messages of one append: half of what a memory server accepts.
BATCH_BYTES, BATCH_MESSAGES = 2**20, 1_000
#: The most bytes of one message, which is then appended alone.
MESSAGE_BYTES = 2 * 2**20 - 2**16


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one append, up to number ``end``. ``context`` is a summary of the first ``covered`` of them."""

    messages: tuple[Message, ...]
    end: int
    context: str | None = None
    covered: int = 0


def import_id(session: ImportableSession) -> str:
    """The id of the session here: the same for the same contents, whatever its title. Its owner is not in it."""
    digest = blake2b(digest_size=12)
    for text in (session.context or "", str(session.covered), *_texts(session)):
        encoded = text.encode()
        digest.update(b"%d:" % len(encoded) + encoded)
    return f"imported-{digest.hexdigest()}"


def _texts(session: ImportableSession) -> Iterator[str]:
    for message in session.messages:
        yield message.role
        yield message.content


def batches_of(session: ImportableSession, *, covering: bool) -> list[Batch]:
    """The appends for the session, in their order.

    The summary goes with the first one if that has all messages that the summary covers; otherwise it is left out, and
    the memory server summarises those messages itself. ``covering``: whether a summary may cover messages at all.
    Raises `InvalidImport`: a message is too large.
    """
    batches, first = [], 0
    for size in _sizes(session):
        batches.append(Batch(session.messages[first : first + size], first + size))
        first += size
    if session.context is None or (session.covered and not covering):
        return batches
    begin = batches[0] if batches else Batch((), 0)
    if session.covered > begin.end:
        return batches
    return [Batch(begin.messages, begin.end, session.context, session.covered), *batches[1:]]


def _sizes(session: ImportableSession) -> Iterator[int]:
    """How many messages each batch has."""
    count = total = 0
    for message in session.messages:
        size = len(msgspec.json.encode({"role": message.role, "content": message.content}))
        if size > MESSAGE_BYTES:
            raise InvalidImport("message", size=-(-size // 2**20), limit=MESSAGE_BYTES * 10 // 2**20 / 10)
        if count and (total + size > BATCH_BYTES or count == BATCH_MESSAGES):
            yield count
            count = total = 0
        count, total = count + 1, total + size
    if count:
        yield count


def fitting(session: ImportableSession) -> tuple[DetailChanges, bool]:
    """The details of the session, shortened to what is kept of them; whether something was cut."""
    details = DetailChanges()
    if title := " ".join((session.title or "").split()):
        details["title"] = title[:TITLE]
    if session.pinned:
        details["pinned"] = True
    if labels := [label.strip() for label in session.labels if label.strip()]:
        details["labels"] = [label[:LABEL] for label in labels[:LABELS]]
    if instructions := (session.instructions or "").strip():
        details["instructions"] = instructions[:INSTRUCTIONS]
    lost = (
        len(title) > TITLE
        or len(instructions) > INSTRUCTIONS
        or len(labels) > LABELS
        or any(len(label) > LABEL for label in labels)
    )
    return details, lost


def is_undescribed(listing: SessionListing, session: ImportableSession) -> bool:
    """Whether an imported session has no details: its import ended before it got them."""
    if listing.pinned or listing.labels or listing.instructions:
        return False
    first_words = " ".join(session.messages[0].content.split()) if session.messages else ""
    return first_words.startswith((listing.title or "").removesuffix("…"))
