"""Django looks for the admin here, but it is in `chat.staff`."""

from chat.staff import admin, token_admin

__all__ = ["admin", "token_admin"]
