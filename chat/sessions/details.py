"""Details of a session: its title, whether it is pinned, its labels, and the instructions for its summaries."""

from __future__ import annotations

from chat.domain.details import DetailChanges, SessionListing
from chat.domain.exceptions import InvalidDetails
from chat.domain.session_ids import Session
from chat.sessions.announcing import announce
from chat.turns.ports import BellsPort, MemoryPort

#: The most characters of a title, of one label and of the instructions, and the most labels of a session.
TITLE, LABEL, INSTRUCTIONS, LABELS = 200, 40, 2_000, 8


async def change_details(
    session: Session, changes: DetailChanges, memory: MemoryPort, bells: BellsPort
) -> SessionListing:
    """Change details of the session and notify every page that shows it. Returns the session as it is in lists.

    Surrounding blanks are removed, and empty labels and those named twice are left out. Raises `InvalidDetails`: one is
    too long; `MemoryServerError`, `MemoryRefused` with status 404 for a session without messages.
    """
    changed = await memory.change_details(session.memory_id, checked(changes))
    await announce(session, bells)
    return changed


def checked(changes: DetailChanges) -> DetailChanges:
    """``changes`` as they are stored. Raises `InvalidDetails`: one is too long."""
    found = changes.copy()
    if "title" in changes:
        found["title"] = _text("title", changes["title"], TITLE)
    if "instructions" in changes:
        found["instructions"] = _text("instructions", changes["instructions"], INSTRUCTIONS)
    if "labels" in changes:
        labels = [label for each in changes["labels"] if (label := _text("label", each, LABEL))]
        found["labels"] = list(dict.fromkeys(labels))
        if len(found["labels"]) > LABELS:
            raise InvalidDetails("labels", limit=LABELS)
    return found


def _text(kind: str, text: str | None, most: int) -> str | None:
    """``text`` without surrounding blanks; None if nothing is left. Raises `InvalidDetails`: it is too long."""
    stripped = (text or "").strip()
    if len(stripped) > most:
        raise InvalidDetails(kind, length=len(stripped), limit=most)
    return stripped or None
