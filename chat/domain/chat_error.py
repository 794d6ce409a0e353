"""The base class of all errors in `chat.domain.exceptions`."""

from __future__ import annotations

from typing import Any, ClassVar

from chat.domain.sentences import sentence


class ChatError(Exception):
    """Base class of all. ``retryable``: the same request may succeed later, unchanged.

    ``retry_after``: the seconds after which it may, if that is known.
    ``reason`` distinguishes errors that share a code ("" if only one has it), ``details`` are its sentence's values.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    retry_after: int | None = None

    def __init__(self, reason: str = "", **details: Any) -> None:
        super().__init__(self.code, reason)
        self.reason = reason
        self.details = details

    def __str__(self) -> str:
        """The sentence for a person who was sending a message."""
        return sentence(self)
