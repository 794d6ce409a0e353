"""Accounts and invitations, and models for Django's permissions on sessions and tokens, which have no table."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NoSessions(models.Manager["Session"]):
    """Finds nothing without a query, for Django's own commands that go through every model."""

    def get_queryset(self) -> models.QuerySet[Session]:
        """An empty set."""
        return super().get_queryset().none()


class NoTokens(models.Manager["Token"]):
    """The same for tokens."""

    def get_queryset(self) -> models.QuerySet[Token]:
        """An empty set."""
        return super().get_queryset().none()


class Session(models.Model):
    """The model that permissions to view or delete sessions, and log entries of deletions, refer to."""

    memory_id = models.TextField(_("memory id"), primary_key=True)

    objects: ClassVar[NoSessions] = NoSessions()

    class Meta:
        managed = False
        base_manager_name = "objects"
        default_permissions = ("view", "delete")
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return self.memory_id


class Token(models.Model):
    """The model that permissions to view, issue or revoke tokens, and log entries about them, refer to."""

    id = models.TextField(primary_key=True)
    name = models.TextField()

    objects: ClassVar[NoTokens] = NoTokens()

    class Meta:
        managed = False
        base_manager_name = "objects"
        default_permissions = ("view", "add", "delete")
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return f"token {self.id} ({self.name})" if self.name else f"token {self.id}"


class Account(models.Model):
    """A user who signs in on the page: the ``owner`` is that of their sessions.

    ``seal`` is a digest of the user's password: visits that began with another one are over.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="account", verbose_name=_("user")
    )
    owner = models.CharField(_("owner"), max_length=64, unique=True, editable=False)
    seal = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.user)


class Invitation(models.Model):
    """A permission to sign up, once, before it expires.

    Only the ``digest`` of its secret is kept; ``secret`` is "" except on the object that was made with it.
    """

    secret: str = ""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Who it is for."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.note or f"{self.pk}"
