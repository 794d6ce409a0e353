"""The details of a session that its users give it: title, pin, metadata, and instructions for its summaries.

They do not belong to its memory: changing them moves neither the session's last activity nor its memory's ETag.
"""

from __future__ import annotations

import msgspec

from motorhead.exceptions import BadRequest, EpochGone, NotFound, SessionBusy
from motorhead.messages import Metadata, PatchSession, SessionDetails, read_metadata
from motorhead.store.keys import SessionKeys
from motorhead.store.listing import DETAILS, details_of
from motorhead.store.scripts import PATCH
from redis_link.link import Link

#: The most characters of a title, and of instructions; the most keys of metadata, and their bytes as JSON.
TITLE, INSTRUCTIONS = 200, 2000
METADATA_KEYS, METADATA_BYTES = 16, 4096
#: How often a change of metadata is tried while others change them, too.
TRIES = 20

#: Invisible, but part of words in some scripts, and of some emoji.
JOINERS = "\u200c\u200d"
NO_SESSION = "There is no session with this id."


class Details:
    """Reads and changes the details of sessions."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def read(self, session_id: bytes) -> tuple[SessionDetails, str]:
        """The session's details, and its epoch.

        Raises `NotFound`: there is no such session.
        """
        epoch, *found = await self._link.execute("HMGET", SessionKeys(session_id).state, "epoch", *DETAILS)
        if epoch is None:
            raise NotFound(NO_SESSION)
        return details_of(session_id, found), epoch.decode()

    async def change(self, session_id: bytes, patch: PatchSession, epoch: str = "") -> None:
        """Change the details named in ``patch``; None removes one, and absent ones stay as they are.

        Metadata are merged key by key, as in RFC 7396.
        Raises `BadRequest`: a value is not valid; `NotFound`: there is no such session; `EpochGone`: ``epoch`` is given
        and is not the session's; `SessionBusy`: the metadata keep changing.
        """
        changes = _changes(patch)
        for _ in range(TRIES):
            known = b""
            if patch.metadata:
                known = await self._link.execute("HGET", SessionKeys(session_id).state, "metadata") or b""
                changes["metadata"] = _encoded(merged(read_metadata(known), patch.metadata))
            compared = "1" if patch.metadata else "0"
            pairs = [part for pair in changes.items() for part in pair]
            outcome, *_ = await self._link.run(PATCH, [SessionKeys(session_id).state], [epoch, compared, known, *pairs])
            if outcome == b"missing":
                raise NotFound(NO_SESSION)
            if outcome == b"gone":
                raise EpochGone("The session was deleted since it was loaded; load it again before changing it.")
            if outcome == b"ok":
                return
        raise SessionBusy("The metadata keep changing; nothing was changed. Try again in a moment.")


def _changes(patch: PatchSession) -> dict[str, bytes]:
    """The new value of each field of the state that ``patch`` names, b"" to remove it. Metadata only if removed."""
    changes: dict[str, bytes] = {}
    if patch.title is not msgspec.UNSET:
        changes["own_title"] = _title(patch.title)
    if patch.pinned is not msgspec.UNSET:
        changes["pinned"] = b"1" if patch.pinned else b""
    if patch.instructions is not msgspec.UNSET:
        changes["instructions"] = _instructions(patch.instructions)
    if patch.metadata is None:
        changes["metadata"] = b""
    return changes


def _title(title: str | None) -> bytes:
    """A title on one line, with single spaces, and without characters that are invisible or turn the text around."""
    visible = "".join(one for one in title or "" if one.isprintable() or one.isspace() or one in JOINERS)
    words = " ".join(visible.split())
    if title is not None and not words.strip(JOINERS):
        raise BadRequest("A title has at least one visible character; null brings back the first words.")
    if len(words) > TITLE:
        raise BadRequest(f"A title has at most {TITLE} characters.")
    return words.encode()


def _instructions(instructions: str | None) -> bytes:
    text = (instructions or "").strip()
    if instructions is not None and not text:
        raise BadRequest("Instructions have at least one visible character; null removes them.")
    if len(text) > INSTRUCTIONS:
        raise BadRequest(f"Instructions have at most {INSTRUCTIONS} characters.")
    return text.encode()


def _encoded(metadata: Metadata) -> bytes:
    """``metadata`` as JSON, b"" if there are none. Raises `BadRequest`: they are too many or too large."""
    if len(metadata) > METADATA_KEYS:
        raise BadRequest(f"Metadata have at most {METADATA_KEYS} keys.")
    written = msgspec.json.encode(metadata) if metadata else b""
    if len(written) > METADATA_BYTES:
        raise BadRequest(f"Metadata have at most {METADATA_BYTES} bytes as JSON.")
    return written


def merged(old: Metadata, patch: Metadata) -> Metadata:
    """``old`` after the merge patch ``patch`` (RFC 7396): null removes a key, and objects are merged."""
    new = dict(old)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, dict):
            before = new.get(key)
            new[key] = merged(before if isinstance(before, dict) else {}, value)
        else:
            new[key] = value
    return new
