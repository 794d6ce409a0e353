"""Django looks for the admin here, but it is in `chat.staff`."""

from chat.staff import account_admin, admin, token_admin

__all__ = ["account_admin", "admin", "token_admin"]
