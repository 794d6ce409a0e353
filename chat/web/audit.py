"""Entries in the admin's log about what staff do with sessions.

An entry has a digest in place of the session's memory id: readers of the log learn no ids from it, and those who know
one can look for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext_noop

from chat.models import Session

#: What the log says of an opened session; its page translates it.
OPENED = gettext_noop("Opened.")
#: For so long after a session was opened, reading more of it belongs to that.
READING = timedelta(hours=1)


def digest_of(memory_id: str) -> str:
    """The digest under which the log has a session."""
    return hashlib.sha256(memory_id.encode(errors="surrogatepass")).hexdigest()[:32]


def note_opened(user_id: int, memory_id: str) -> None:
    """Note that a member of staff has opened a session. Django has no action for it; this one is called a change."""
    _note(user_id, [memory_id], CHANGE, OPENED)


def note_read(user_id: int, memory_id: str) -> None:
    """Note that a member of staff reads part of a session, unless they have opened it just before."""
    entries = LogEntry.objects.filter(user_id=user_id, object_id=digest_of(memory_id), action_flag=CHANGE)
    if not entries.filter(action_time__gt=timezone.now() - READING).exists():
        note_opened(user_id, memory_id)


def note_deleted(user_id: int, memory_ids: Sequence[str]) -> None:
    """Note that a member of staff has deleted sessions."""
    _note(user_id, memory_ids, DELETION, "")


def _note(user_id: int, memory_ids: Sequence[str], action: int, message: str) -> None:
    kind = ContentType.objects.get_for_model(Session, for_concrete_model=False)
    entries = [
        LogEntry(
            user_id=user_id,
            content_type=kind,
            object_id=digest,
            object_repr=f"session {digest}",
            action_flag=action,
            change_message=message,
        )
        for digest in map(digest_of, memory_ids)
    ]
    LogEntry.objects.bulk_create(entries)
