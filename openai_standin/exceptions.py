"""What can go wrong in the stand-in model.

StandInError
├── ConfigurationError     an environment variable holds what cannot be used
└── RequestError           400: the request cannot be answered as it is
    ├── NotFoundError      404
    ├── MethodNotAllowedError  405
    └── TooLargeError      413
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class StandInError(Exception):
    """The root of this package's errors; ``str()`` of it is a sentence for a person."""


class ConfigurationError(StandInError):
    """An environment variable holds a value that cannot be used."""


class RequestError(StandInError):
    """The request cannot be answered; ``param`` names the field at fault, where there is one."""

    status: ClassVar[int] = 400
    code: ClassVar[str | None] = None

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Response headers that belong to the refusal."""
        return []


class NotFoundError(RequestError):
    """No such path."""

    status = 404
    code = "not_found"


class MethodNotAllowedError(RequestError):
    """The path exists, but not for this method; ``allowed`` are those it has."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"allow", ", ".join(self.allowed).encode())]


class TooLargeError(RequestError):
    """The body is larger than the configured limit."""

    status = 413
    code = "request_too_large"
