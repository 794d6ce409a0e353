"""Verbs at one of the messages of a visitor's session."""

from __future__ import annotations

from contextlib import suppress

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chat.components import components
from chat.domain.exceptions import ChatError, InvalidCopy
from chat.domain.messages import STOPPED_MARK, Message, Role
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.views.errors import error_notice
from chat.page.views.pages import limited
from chat.page.views.session_list import moved_to, with_list
from chat.page.views.visits import answering_errors, of_this_visit
from chat.sessions.details import TITLE, checked
from chat.sessions.fork import fork_session
from chat.sessions.rewind import rewind
from chat.turns.ports import MemoryPort
from chat.turns.validation import check_place, check_text

#: The most characters of one message that comes back.
LONGEST = 2_000_000


class _Said(msgspec.Struct):
    """A message that comes back, as its page held it."""

    reply: bool
    text: str
    stopped: bool = False

    def message(self) -> Message:
        text = check_text(self.text, LONGEST)
        return Message(Role.AI if self.reply else Role.HUMAN, text + STOPPED_MARK if self.stopped else text)


@never_cache
@require_POST
@of_this_visit
@limited
@answering_errors(error_notice)
async def fork(request: HttpRequest, session: Session, message_id: str) -> HttpResponse:
    """Begin a session with the summary and the messages up to this one; the page moves on to it."""
    check_place(message_id)
    memory = components().memory
    forked = await fork_session(session, message_id, memory)
    with suppress(ChatError):  # the fork is there, if only under its source's first words
        await _name_fork(session, forked, memory)
    return with_list(moved_to(reverse("chat:session", args=[forked.id])))


@never_cache
@require_POST
@of_this_visit
@limited
@answering_errors(error_notice)
async def undo(request: HttpRequest, session: Session, message_id: str) -> HttpResponse:
    """Put the messages ``said`` back behind this one ("0": at the beginning), in place of those that replaced them.

    ``newest`` is the newest of those. Messages that were said since would be withdrawn with them, so it is too late.
    """
    check_place(message_id)
    said = _said_in(request.POST.get("said", ""))
    parts = components()
    newest = request.POST.get("newest", "")
    await rewind(session, message_id, parts.memory, parts.runs, parts.bells, instead=said, newest=newest)
    return HttpResponse(fragments.status(gettext("The former messages are back.")))


async def _name_fork(session: Session, forked: Session, memory: MemoryPort) -> None:
    """Give the fork a title that tells it from its source in the list."""
    source = await memory.get_details(session.memory_id)
    if source and source.title:
        title = gettext("Fork of %(title)s") % {"title": source.title}
        await memory.change_details(forked.memory_id, checked({"title": title[:TITLE]}))


def _said_in(field: str) -> list[Message]:
    """The messages in a form's field. Raises `InvalidCopy`: there are none; `InvalidText`."""
    try:
        said = msgspec.json.decode(field, type=list[_Said])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise InvalidCopy("copy_forged") from None
    if not said:
        raise InvalidCopy("copy_forged")
    return [each.message() for each in said]
