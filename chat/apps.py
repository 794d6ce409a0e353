"""The chat as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        """Have visits end with a changed password or a deleted account."""
        from chat.accounts import receivers  # noqa: F401 - it needs the models, which are not loaded before
