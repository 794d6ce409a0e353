"""What can go wrong in the stand-in model; ``str()`` of an error is a sentence for a person."""

from __future__ import annotations


class StandInError(Exception):
    """The root of this package's errors."""


class ConfigurationError(StandInError):
    """An environment variable holds a value that cannot be used."""


class RequestError(StandInError):
    """A request cannot be answered: HTTP's ``status`` and ``Allow``, ``code`` and ``param`` of OpenAI's error body."""

    def __init__(
        self, message: str, status: int = 400, *, code: str | None = None, param: str | None = None, allow: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.allow = status, code, param, allow
