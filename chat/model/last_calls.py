"""How the last call of the model ended: what is known of it without calling it."""

from __future__ import annotations

from chat.domain.exceptions import ModelError, PromptTooLong, RolesRefused

UNKNOWN, OK, FAILING = "unknown", "ok", "failing"


class LastCalls:
    """``state`` is `UNKNOWN` before the first call has ended, then `OK` or `FAILING`."""

    def __init__(self) -> None:
        self.state = UNKNOWN

    def succeeded(self) -> None:
        """A reply has come, if not a whole one."""
        self.state = OK

    def failed(self, error: ModelError) -> None:
        """There was no reply. A model that refuses one prompt for what it is, is there for others."""
        self.state = OK if isinstance(error, PromptTooLong | RolesRefused) else FAILING
