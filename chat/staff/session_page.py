"""The contents of the admin's page about a session. Sends no requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from chat.domain.exceptions import ChatError, MemoryRefused
from chat.domain.messages import FoldState, Message
from chat.domain.session_ids import any_session
from chat.sessions.inspection import Inspection
from chat.staff.addresses import address, printable
from chat.web.wording import translated

UNKNOWN_PLACE = gettext_noop("This session has no such message. Its newest messages are shown.")
_BAD_REQUEST = 400
FOLD_STATES = {
    FoldState.IDLE: gettext_noop("No messages are waiting to be summarised."),
    FoldState.PENDING: gettext_noop("Messages are waiting to be summarised."),
    FoldState.PARKED: gettext_noop(
        "The memory server has given up for now. Nothing is lost: the messages stay in the window."
    ),
    FoldState.OFF: gettext_noop("Folding is switched off on this memory server."),
    FoldState.UNKNOWN: gettext_noop("Not reported by this memory server."),
}


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message, and whether it has been folded into the summary."""

    message: Message
    folded: bool


def session_context(found: Inspection, memory_id: str, request: HttpRequest) -> dict[str, Any]:
    """Template context: everything remembered of a session."""
    in_window = {message.id for message in found.memory.messages}
    before = found.page.before
    return {
        "shown_id": printable(memory_id),
        "namespace": any_session(memory_id).namespace,
        "memory": found.memory,
        "fold": gettext(FOLD_STATES[found.memory.window.fold]),
        "reason": translated(found.memory.window.reason or ""),
        "said": [ShownMessage(message, message.id not in in_window) for message in found.page.messages],
        "versions": found.versions.versions,
        "earlier": address("change", memory_id, request, before=before) if before else "",
        "newest": address("change", memory_id, request) if "before" in request.GET else "",
        "delete_address": address("delete", memory_id, request),
        "page_address": reverse("chat:any", query={"id": memory_id}),
    }


def is_unknown_place(error: ChatError, request: HttpRequest) -> bool:
    """Whether ``error`` may mean that ``?before=`` is not a valid message id."""
    return "before" in request.GET and isinstance(error, MemoryRefused) and error.status == _BAD_REQUEST


def absence_notice(memory_id: str) -> str:
    """A sentence that nothing is remembered about this session."""
    said = gettext("Nothing is remembered about the session “{name}”. It may have been deleted.")
    return said.format(name=printable(memory_id))
