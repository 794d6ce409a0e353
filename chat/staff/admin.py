"""Sessions in Django's admin: listed, opened and deleted through the memory client, with Django's permissions.

The admin's views are synchronous; an ASGI server runs each in a thread. Each calls once into the process's main event
loop, to which the pooled connections of `components` belong: `async_to_sync` finds the loop from such a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from chat import models
from chat.components import components
from chat.domain.exceptions import ChatError, MemoryServerError
from chat.domain.sentences import Situation
from chat.domain.session_ids import Session
from chat.sessions import deletion, inspection
from chat.sessions.inspection import Inspection, SessionList
from chat.staff.addresses import (
    OneNamespace,
    address,
    list_address,
    listed_session,
    printable,
    quote_id,
    read_id,
    wanted_list,
)
from chat.staff.list_page import deletion_notice, list_context
from chat.staff.log_admin import log_address
from chat.staff.logins import LimitedLoginForm
from chat.staff.session_page import UNKNOWN_PLACE, absence_notice, is_unknown_place, session_context
from chat.web.audit import note_deleted, note_opened, note_read
from chat.web.wording import worded

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[models.Session]
else:
    ModelAdmin = admin.ModelAdmin

DELETE = "delete_selected"

admin.site.login_form = LimitedLoginForm


@admin.register(models.Session)
class SessionAdmin(ModelAdmin):
    """Views of sessions, which are not in Django's database."""

    def get_urls(self) -> list[URLPattern]:
        """URL patterns for the list, a session, and its deletion."""
        return [
            path("", self._guarded(self.changelist_view), name="chat_session_changelist"),
            path("<str:object_id>/change/", self._guarded(self.change_view), name="chat_session_change"),
            path("<str:object_id>/delete/", self._guarded(self.delete_view), name="chat_session_delete"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False for everybody: a session starts with its first message."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Session | None = None) -> bool:
        """False for everybody: messages are never edited."""
        return False

    # --- the list ---------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sessions of ``?namespace=``, of no namespace (``?none=1``), or the newest; on POST, the bulk action."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._carry_out(request)
        if memory_id := request.GET.get("id"):
            return HttpResponseRedirect(address("change", memory_id))
        try:
            found = async_to_sync(_list)(wanted_list(request))
        except MemoryServerError as error:
            return self._answer(request, "change_list", error=error, title=gettext("Sessions"))
        return self._answer(request, "change_list", title=gettext("Sessions"), **list_context(found, request))

    def _carry_out(self, request: HttpRequest) -> HttpResponse:
        """Carry out the action chosen in the list, or ask for confirmation."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        chosen = list(dict.fromkeys(map(read_id, request.POST.getlist("_selected_action"))))
        if request.POST.get("action") != DELETE or not chosen:
            self.message_user(
                request, gettext("Select sessions and an action for them. Nothing was changed."), messages.WARNING
            )
            return HttpResponseRedirect(request.get_full_path())
        if request.POST.get("post"):
            return self._delete(request, chosen)
        return self._confirm(request, chosen)

    # --- one session ------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everything remembered of a session; ``?before=`` shows earlier messages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        memory_id = read_id(object_id)
        context: dict[str, Any] = {"title": gettext("View session"), "subtitle": printable(memory_id)}
        try:
            found = async_to_sync(_inspect)(memory_id, request.GET.get("before"))
        except MemoryServerError as error:
            if is_unknown_place(error, request):
                self.message_user(request, gettext(UNKNOWN_PLACE), messages.WARNING)
                return HttpResponseRedirect(address("change", memory_id, request))
            return self._answer(request, "change_form", error=error, **context)
        if found.is_empty:
            if LogEntry.objects.filter(object_id=memory_id).exists():  # a link of the log has a digest
                return HttpResponseRedirect(log_address(memory_id))
            self.message_user(request, absence_notice(memory_id), messages.WARNING)
            return HttpResponseRedirect(list_address(request))
        note = note_read if "before" in request.GET else note_opened
        note(_user_id(request), memory_id)
        return self._answer(request, "change_form", **context, **session_context(found, memory_id, request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for confirmation; on POST, delete the session."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        chosen = [read_id(object_id)]
        return self._delete(request, chosen) if request.method == "POST" else self._confirm(request, chosen)

    # --- deletion ---------------------------------------------------------------------------------------------

    def _confirm(self, request: HttpRequest, chosen: Sequence[str], error: ChatError | None = None) -> HttpResponse:
        shown = [(quote_id(memory_id), printable(memory_id)) for memory_id in chosen]
        return self._answer(request, "delete_confirmation", error=error, title=gettext("Are you sure?"), chosen=shown)

    def _delete(self, request: HttpRequest, chosen: Sequence[str]) -> HttpResponse:
        outcomes = async_to_sync(_delete_all)([listed_session(memory_id, request) for memory_id in chosen])
        gone = [memory_id for memory_id, error in zip(chosen, outcomes, strict=True) if error is None]
        left = [memory_id for memory_id, error in zip(chosen, outcomes, strict=True) if error is not None]
        if gone:
            note_deleted(_user_id(request), gone)
            self.message_user(request, deletion_notice(gone), messages.SUCCESS)
        if left:
            return self._confirm(request, left, error=next(error for error in outcomes if error is not None))
        return HttpResponseRedirect(self._back(request))

    # --- responses ----------------------------------------------------------------------------------------------

    def _guarded(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """The view behind the admin's login and CSRF check."""

        def guarded(*arguments: Any, **names: Any) -> HttpResponseBase:
            return self.admin_site.admin_view(view)(*arguments, **names)

        return update_wrapper(guarded, view)

    def _back(self, request: HttpRequest) -> str:
        return list_address(request) if self.has_view_permission(request) else reverse("admin:index")

    def _answer(
        self, request: HttpRequest, template: str, *, error: ChatError | None = None, **context: Any
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context |= self.admin_site.each_context(request) | {
            "opts": self.opts,
            "media": self.media,
            "may_delete": self.has_delete_permission(request),
            "list_address": self._back(request),
            "trouble": error and worded(error, Situation.ADMIN),
        }
        status = 503 if error else 200
        return TemplateResponse(request, f"admin/chat/session/{template}.html", context, status=status)


def _user_id(request: HttpRequest) -> int:
    return cast(int, request.user.pk)


# --- on the event loop --------------------------------------------------------------------------------------


async def _list(wanted: OneNamespace | None) -> SessionList:
    memory = components().memory
    if wanted is None:
        return await inspection.list_newest(memory)
    return await inspection.list_namespace(memory, wanted.name, wanted.page)


async def _inspect(memory_id: str, before: str | None) -> Inspection:
    return await inspection.inspect_session(components().memory, memory_id, before)


async def _delete_all(sessions: Sequence[Session]) -> list[ChatError | None]:
    parts = components()
    return await deletion.delete_sessions(sessions, parts.memory, parts.runs, parts.bells, parts.grants.shares)
