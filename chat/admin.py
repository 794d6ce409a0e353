"""Django looks for the admin here, but it is in `chat.staff`."""

from chat.staff import admin

__all__ = ["admin"]
