"""The admin's log: who opened or deleted which session, and what else staff have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from chat.web.audit import OPENED, digest_of

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[LogEntry]
else:
    ModelAdmin = admin.ModelAdmin

ACTIONS = {1: gettext_lazy("Added"), 2: gettext_lazy("Changed"), 3: gettext_lazy("Deleted")}


@admin.register(LogEntry)
class LogAdmin(ModelAdmin):
    """The log, for staff with Django's permission to view it. Nobody can change it here."""

    list_display = ("action_time", "user", "action", "object_repr")
    list_display_links = None
    list_filter = ("action_flag", "user")
    list_select_related = ("user",)
    search_fields = ("object_id", "object_repr")
    search_help_text = gettext_lazy("The memory id of a session, or part of a name.")

    @admin.display(description=gettext_lazy("action"))
    def action(self, entry: LogEntry) -> str:
        """What was done."""
        message = entry.get_change_message()
        return gettext(OPENED) if message == OPENED else message or str(ACTIONS.get(entry.action_flag, ""))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LogEntry], search_term: str
    ) -> tuple[QuerySet[LogEntry], bool]:
        """Entries about the session with this memory id, and those that contain the term."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(object_id=digest_of(search_term)) if search_term else found), may_repeat

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False for everybody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        """False for everybody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        """False for everybody."""
        return False


def log_address(wanted: str) -> str:
    """The URL of the log's entries about a session, by its memory id or its digest."""
    return reverse("admin:admin_logentry_changelist", query={"q": wanted})
