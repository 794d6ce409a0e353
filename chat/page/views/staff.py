"""Any session, for staff to read."""

from __future__ import annotations

from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.domain.session_ids import any_session
from chat.page.views.session_page import render_earlier, render_message, render_page
from chat.web.audit import note_opened, note_read
from chat.web.visitor import OwnedRequest

#: Django's permission to read other people's sessions.
VIEW_SESSIONS = "chat.view_session"


@never_cache
@require_safe
async def any_page(request: HttpRequest) -> HttpResponse:
    """Any session by its memory id (``?id=``, any characters), read-only, for staff who may view sessions."""
    user = await request.auser()
    if not user.is_staff:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not await user.ahas_perm(VIEW_SESSIONS):
        raise PermissionDenied
    if not (memory_id := request.GET.get("id")):
        raise Http404
    await sync_to_async(note_opened)(user.pk, memory_id)
    return await render_page(request, any_session(memory_id), cast(OwnedRequest, request).owner, staff=True)


@never_cache
@require_safe
async def any_earlier(request: HttpRequest) -> HttpResponse:
    """Messages before ``?before=`` in any session ``?id=``, as list items, for staff who may view sessions."""
    if not await _may_read(request):
        return _only_staff()
    return await render_earlier(request, any_session(request.GET.get("id", "")), staff=True)


@never_cache
@require_safe
async def any_message(request: HttpRequest) -> HttpResponse:
    """The whole text of the message ``?message=`` in any session ``?id=``, for staff who may view sessions."""
    if not await _may_read(request):
        return _only_staff()
    return await render_message(any_session(request.GET.get("id", "")), request.GET.get("message", ""))


async def _may_read(request: HttpRequest) -> bool:
    """Whether the request is from staff who may view sessions; then it is noted whose."""
    user = await request.auser()
    if not (user.is_staff and await user.ahas_perm(VIEW_SESSIONS)):
        return False
    await sync_to_async(note_read)(user.pk, request.GET.get("id", ""))
    return True


def _only_staff() -> HttpResponse:
    return HttpResponse(gettext("Only staff may read this."), status=403, content_type="text/plain")
