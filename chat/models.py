"""Models for Django's permissions on sessions and tokens, which are not in the database."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


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

    memory_id = models.TextField("memory id", primary_key=True)

    objects: ClassVar[NoSessions] = NoSessions()

    class Meta:
        managed = False
        base_manager_name = "objects"
        default_permissions = ("view", "delete")

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

    def __str__(self) -> str:
        return f"token {self.id} ({self.name})" if self.name else f"token {self.id}"
