"""Sessions as Django's permissions see them. They live behind the memory client; the database holds none."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class NoSessions(models.Manager["Session"]):
    """Finds nothing and asks no table, for Django's own commands that look through every model."""

    def get_queryset(self) -> models.QuerySet[Session]:
        """An empty set."""
        return super().get_queryset().none()


class Session(models.Model):
    """The name under which a permission to view or delete sessions is given, and a deletion is logged."""

    memory_id = models.TextField("memory id", primary_key=True)

    objects: ClassVar[NoSessions] = NoSessions()

    class Meta:
        managed = False
        base_manager_name = "objects"
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return self.memory_id
