"""Verbs on the memory of one of the visitor's sessions. Open pages learn of a change through their websockets."""

from __future__ import annotations

import asyncio

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.components import components
from chat.domain.exceptions import ChatError, SummaryChanged
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session
from chat.page import fragments
from chat.page.possible import HALF
from chat.page.views.errors import error_notice, status_of
from chat.page.views.pages import limited
from chat.page.views.visits import answering_errors, of_this_visit
from chat.page.word_changes import changes
from chat.sessions.details import change_details
from chat.sessions.summary import edit_summary, fold_session, restore_summary
from chat.turns.validation import check_place
from chat.web.wording import worded


def _panel_notice(error: ChatError) -> HttpResponse:
    return HttpResponse(fragments.panel_notice(worded(error, Situation.LOOKING)), status=status_of(error))


#: Errors are sentences beside the summary.
in_panel = answering_errors(_panel_notice)


@never_cache
@require_http_methods(["GET", "POST"])
@of_this_visit
@limited
@in_panel
async def summary(request: HttpRequest, session: Session) -> HttpResponse:
    """The panel as it is now; by POST, after replacing the summary with ``context`` if it still has this ``tag``.

    Where it has another by now, the editor keeps its text and shows what saving would change.
    """
    parts = components()
    if request.method != "POST":
        return HttpResponse(fragments.panel(session, await parts.memory.get_memory(session.memory_id)))
    context = request.POST.get("context", "")
    try:
        tag = request.POST.get("tag") or None
        await edit_summary(session, context, summary_tag=tag, memory=parts.memory, bells=parts.bells)
    except SummaryChanged as error:
        return await _conflict(session, context, error)
    memory = await parts.memory.get_memory(session.memory_id)
    return HttpResponse(fragments.joined(fragments.saved(session, memory), fragments.panel_notice("")))


async def _conflict(session: Session, context: str, error: SummaryChanged) -> HttpResponse:
    memory = await components().memory.get_memory(session.memory_id)
    pieces = await asyncio.to_thread(changes, memory.context or "", context.strip())
    said = fragments.panel_notice(worded(error, Situation.LOOKING))
    return HttpResponse(fragments.joined(fragments.conflict(memory, pieces), said), status=status_of(error))


@never_cache
@require_safe
@of_this_visit
@limited
@in_panel
async def edit(request: HttpRequest, session: Session) -> HttpResponse:
    """The editor for the summary as it is now."""
    memory = await components().memory.get_memory(session.memory_id)
    return HttpResponse(fragments.joined(fragments.editor(session, memory), fragments.panel_notice("")))


@never_cache
@require_safe
@of_this_visit
@limited
@in_panel
async def versions(request: HttpRequest, session: Session) -> HttpResponse:
    """The newest versions of the summary."""
    found = await components().memory.list_summaries(session.memory_id)
    return HttpResponse(fragments.versions(session, found))


@never_cache
@require_safe
@of_this_visit
@limited
@in_panel
async def version(request: HttpRequest, session: Session, number: int) -> HttpResponse:
    """What this version has changed in the one before it; 404 if it is not among the newest."""
    found = (await components().memory.list_summaries(session.memory_id)).versions
    shown = next((place for place, each in enumerate(found) if each.version == number), None)
    if shown is None:
        return HttpResponse(fragments.panel_notice(gettext("This version is not kept any more.")), status=404)
    before = found[shown + 1].context if shown + 1 < len(found) else ""
    pieces = await asyncio.to_thread(changes, before, found[shown].context)
    return HttpResponse(fragments.version_changes(pieces, found[shown]))


@never_cache
@require_POST
@of_this_visit
@limited
@in_panel
async def restore(request: HttpRequest, session: Session, number: int) -> HttpResponse:
    """Make this version the summary again."""
    parts = components()
    await restore_summary(session, number, parts.memory, parts.bells)
    return HttpResponse(fragments.panel_notice(""))


@never_cache
@require_http_methods(["GET", "POST"])
@of_this_visit
@limited
@in_panel
async def instructions(request: HttpRequest, session: Session) -> HttpResponse:
    """The form with the instructions for the session's summaries; by POST, they are changed to ``instructions``."""
    parts = components()
    if request.method != "POST":
        details = await parts.memory.get_details(session.memory_id)
        return HttpResponse(fragments.instructions(session, (details and details.instructions) or ""))
    text = request.POST.get("instructions", "")
    await change_details(session, {"instructions": text}, parts.memory, parts.bells)
    said = gettext("Saved. The next fold follows them.") if text.strip() else gettext("Removed.")
    return HttpResponse(fragments.joined(fragments.instructions_saved(said), fragments.panel_notice("")))


@never_cache
@require_POST
@of_this_visit
@limited
@in_panel
async def fold(request: HttpRequest, session: Session) -> HttpResponse:
    """Fold the older half of the window."""
    parts = components()
    folded = await fold_session(session, None, parts.memory, parts.bells)
    return HttpResponse(fragments.panel_notice("" if folded else gettext(HALF)))


@never_cache
@require_POST
@of_this_visit
@limited
@answering_errors(error_notice)
async def fold_through(request: HttpRequest, session: Session, message_id: str) -> HttpResponse:
    """Fold all messages up to this one."""
    parts = components()
    await fold_session(session, check_place(message_id), parts.memory, parts.bells)
    return HttpResponse(fragments.panel_notice(""))
