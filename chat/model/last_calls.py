"""How the last call of the model ended: what is known of it without calling it."""

from __future__ import annotations

from collections.abc import Callable

from chat.domain.exceptions import ModelError, PromptTooLong, RolesRefused

UNKNOWN, OK, FAILING = "unknown", "ok", "failing"


class LastCalls:
    """``state`` is `UNKNOWN` before the first call has ended, then `OK` or `FAILING`.

    ``on_failure`` is called with the name of each error.
    """

    def __init__(self, on_failure: Callable[[str], None] = lambda name: None) -> None:
        self.state = UNKNOWN
        self._on_failure = on_failure

    def succeeded(self) -> None:
        """A reply has come, if not a whole one."""
        self.state = OK

    def failed(self, error: ModelError) -> None:
        """There was no reply. A model that refuses one prompt for what it is, is there for others."""
        self.state = OK if isinstance(error, PromptTooLong | RolesRefused) else FAILING
        self._on_failure(name_of(error))

    def retried(self, error: ModelError) -> None:
        """A try failed, and another follows, which says how the call ends."""
        self._on_failure(name_of(error))


def name_of(error: ModelError) -> str:
    """The name of an error for operators: its code, and its reason if there is one."""
    return f"{error.code}.{error.reason}" if error.reason else error.code
