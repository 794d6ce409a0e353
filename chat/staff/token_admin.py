"""Bearer tokens in Django's admin: listed, issued and revoked, with Django's permissions.

The views are synchronous, and each calls once into the process's main event loop, as in `chat.staff.admin`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, gettext_lazy

from chat import models
from chat.components import components
from chat.domain.exceptions import RunLogUnreachable
from chat.domain.sentences import Situation
from chat.domain.session_ids import OWNER_ID, TENANT_ID, new_owner_id
from chat.grants.scopes import Scope
from chat.grants.tokens import MOST_PER_MINUTE, TokenRecord
from chat.web.handshake import is_origin
from chat.web.tokens import issue_token
from chat.web.wording import worded

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[models.Token]
else:
    ModelAdmin = admin.ModelAdmin

#: A record, with its times for the template.
Row: TypeAlias = tuple[TokenRecord, datetime, datetime]

LIST = "admin:chat_token_changelist"


class IssueForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("What it is for."))
    owner = forms.CharField(
        label=gettext_lazy("Owner"),
        required=False,
        validators=[
            RegexValidator(
                rf"^{OWNER_ID.pattern}$", gettext_lazy("Write 1 to 64 letters, digits, hyphens or underscores.")
            )
        ],
        help_text=gettext_lazy("The owner whose sessions it opens; empty: a new owner."),
    )
    is_service = forms.BooleanField(
        label=gettext_lazy("For a service"),
        required=False,
        help_text=gettext_lazy("The owner is a tenant, and the token buys tickets for all owners of the tenant."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        required=False,
        choices=[(scope.value, scope.value) for scope in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What it may be used for; none: everything."),
    )
    origins = forms.CharField(
        label=gettext_lazy("Origins"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Whose pages may use it, separated by spaces; empty: all. Programs have no origin."),
    )
    turns_per_minute = forms.IntegerField(
        label=gettext_lazy("Turns a minute"),
        min_value=0,
        max_value=MOST_PER_MINUTE,
        initial=0,
        required=False,
        help_text=gettext_lazy("For all of its owners together; 0: no limit but those of the site."),
    )
    calls_per_minute = forms.IntegerField(
        label=gettext_lazy("Calls a minute"),
        min_value=0,
        max_value=MOST_PER_MINUTE,
        initial=0,
        required=False,
        help_text=gettext_lazy("Calls of the API, and websockets that are opened; 0: no limit but those of the site."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        min_value=1,
        max_value=36_500,
        initial=30,
        help_text=gettext_lazy("The days until it expires."),
    )

    def clean_origins(self) -> list[str]:
        """The origins. Raises `ValidationError`: one of them is not an origin."""
        origins: list[str] = self.cleaned_data["origins"].split()
        if not all(map(is_origin, origins)):
            raise forms.ValidationError(gettext("Write origins like https://app.example.org, without a path."))
        return origins

    def clean(self) -> dict[str, Any]:
        """Raises `ValidationError`: the name of a tenant is missing or malformed."""
        cleaned = super().clean() or {}
        if cleaned.get("is_service") and not TENANT_ID.fullmatch(cleaned.get("owner", "")):
            raise forms.ValidationError(gettext("Name the tenant as owner: 1 to 24 letters, digits and hyphens."))
        return cleaned


@admin.register(models.Token)
class TokenAdmin(ModelAdmin):
    """Views of the register of tokens, which is not in Django's database."""

    def get_urls(self) -> list[URLPattern]:
        """URL patterns for the list, a new token, and the end of one."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(self.changelist_view), name="chat_token_changelist"),
            path("add/", guarded(self.add_view), name="chat_token_add"),
            path("<str:object_id>/delete/", guarded(self.delete_view), name="chat_token_delete"),
        ]

    def has_change_permission(self, request: HttpRequest, obj: models.Token | None = None) -> bool:
        """False for everybody: a token is replaced by another."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The tokens that are valid, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = list(map(_row, async_to_sync(_list)()))
        except RunLogUnreachable as error:
            return self._answer(request, "change_list", gettext("Tokens"), error=error)
        return self._answer(request, "change_list", gettext("Tokens"), rows=rows)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form for a new token; on POST, the token, which is shown this once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        if not form.is_valid():
            return self._answer(request, "add_form", gettext("Issue a token"), form=form)
        lifetime = timedelta(days=form.cleaned_data["days"])
        owner = form.cleaned_data["owner"] or new_owner_id()
        try:
            record = async_to_sync(_add)(owner, lifetime, form.cleaned_data)
        except RunLogUnreachable as error:
            return self._answer(request, "add_form", gettext("Issue a token"), error=error, form=form)
        self._note(request, record, ADDITION)
        token = issue_token(owner, lifetime, record.id)
        answer = self._answer(request, "issued", gettext("The token is issued"), token=token, record=record)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for confirmation; on POST, revoke the token."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        try:
            record = async_to_sync(_find)(object_id)
            if record and request.method == "POST":
                async_to_sync(_revoke)(object_id)
                self._note(request, record, DELETION)
        except RunLogUnreachable as error:
            return self._answer(request, "delete_confirmation", gettext("Are you sure?"), error=error)
        if record and request.method != "POST":
            return self._answer(request, "delete_confirmation", gettext("Are you sure?"), record=record)
        said = gettext("There is no such token, or none any more.")
        if record:
            said = gettext("The token {id} is revoked.").format(id=record.id)
        self.message_user(request, said, messages.SUCCESS if record else messages.WARNING)
        return HttpResponseRedirect(self._back(request))

    def _note(self, request: HttpRequest, record: TokenRecord, action: int) -> None:
        LogEntry.objects.log_actions(request.user.pk, [_model(record)], action)  # type: ignore[arg-type]

    def _back(self, request: HttpRequest) -> str:
        return reverse(LIST if self.has_view_permission(request) else "admin:index")

    def _answer(
        self, request: HttpRequest, template: str, title: str, *, error: RunLogUnreachable | None = None, **context: Any
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context |= self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            "list_address": self._back(request),
            "may_add": self.has_add_permission(request),
            "may_delete": self.has_delete_permission(request),
            "trouble": error and worded(error, Situation.LOOKING),
        }
        template = f"admin/chat/token/{template}.html"
        return TemplateResponse(request, template, context, status=503 if error else 200)


def _row(record: TokenRecord) -> Row:
    return record, datetime.fromtimestamp(record.issued, UTC), datetime.fromtimestamp(record.expires, UTC)


def _model(record: TokenRecord) -> models.Token:
    return models.Token(record.id, record.name)


# --- on the event loop ------------------------------------------------------------------------------------------------


async def _list() -> list[TokenRecord]:
    return await components().grants.tokens.list()


async def _find(token_id: str) -> TokenRecord | None:
    return await components().grants.tokens.find(token_id)


async def _add(owner: str, lifetime: timedelta, form: dict[str, Any]) -> TokenRecord:
    limits = {name: form[name] for name in ("scopes", "origins", "is_service")}
    limits |= {name: form[name] or 0 for name in ("turns_per_minute", "calls_per_minute")}
    return await components().grants.tokens.add(owner, form["name"], lifetime.total_seconds(), **limits)


async def _revoke(token_id: str) -> None:
    await components().grants.tokens.revoke(token_id)
