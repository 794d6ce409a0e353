"""Checks of messages and turn ids."""

from __future__ import annotations

import re

from chat.domain.exceptions import InvalidMessageId, InvalidText, InvalidTurn

LONGEST_TURN_ID = 128
TURN_ID = re.compile(rf"[A-Za-z0-9_.:-]{{1,{LONGEST_TURN_ID}}}")
MESSAGE_ID = re.compile(r"[0-9]{1,15}")


def check_text(text: str, limit: int) -> str:
    """Return ``text``. Raises `InvalidText`: it is empty, too long, or not valid Unicode."""
    if not text.strip():
        raise InvalidText("empty")
    if len(text) > limit:
        raise InvalidText("too_long", length=f"{len(text):,}", limit=f"{limit:,}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidText("not_unicode") from None
    return text


def check_turn_id(turn_id: str) -> str:
    """Return ``turn_id``. Raises `InvalidTurn`: it is malformed."""
    if not TURN_ID.fullmatch(turn_id):
        raise InvalidTurn
    return turn_id


def check_place(message_id: str | None) -> str | None:
    """Return ``message_id``, the id of a message, "0" for the place before the first, or None.

    Raises `InvalidMessageId`: it is malformed.
    """
    if message_id is not None and not MESSAGE_ID.fullmatch(message_id):
        raise InvalidMessageId
    return message_id
