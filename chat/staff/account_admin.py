"""Accounts and invitations in Django's admin: who has which owner, and who may sign up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat.accounts.invitations import DAYS, MOST_DAYS, prepare
from chat.models import Account, Invitation

if TYPE_CHECKING:
    AccountModelAdmin = admin.ModelAdmin[Account]
    InvitationModelAdmin = admin.ModelAdmin[Invitation]
    InvitationForm = forms.ModelForm[Invitation]
else:
    AccountModelAdmin = InvitationModelAdmin = admin.ModelAdmin
    InvitationForm = forms.ModelForm


class InviteForm(InvitationForm):
    """Who an invitation is for, and for how long it is valid."""

    days = forms.IntegerField(
        label=_("days"), min_value=1, max_value=MOST_DAYS, initial=DAYS, help_text=_("The days until it expires.")
    )

    class Meta:
        model = Invitation
        fields = ("note",)


@admin.register(Invitation)
class InvitationAdmin(InvitationModelAdmin):
    """Invitations, whose links are shown once."""

    form = InviteForm
    list_display = ("__str__", "created_at", "expires_at", "used_at")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """False for everybody: an invitation is replaced by another."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Save a new invitation with a secret."""
        prepare(obj, form.cleaned_data["days"])
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None) -> HttpResponse:
        """The page with the link."""
        address = f"{reverse('chat:sign-up')}?{urlencode({'invitation': obj.secret})}"
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {
            "title": _("The invitation is made"),
            "opts": self.opts,
            "link": request.build_absolute_uri(address),
            "expires_at": obj.expires_at,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "admin/chat/invitation/made.html", context, headers=headers)


@admin.register(Account)
class AccountAdmin(AccountModelAdmin):
    """Accounts: each with the owner of its sessions. Deleting one ends its visits; its sessions stay."""

    list_display = ("user", "owner", "created_at")
    search_fields = ("user__username", "owner")
    fields = readonly_fields = ("user", "owner", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False for everybody: people sign up on the page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """False for everybody: another owner would mean another person's sessions."""
        return False
