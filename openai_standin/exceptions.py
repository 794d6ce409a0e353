"""The errors of the stand-in model; ``str()`` of each is a sentence for people."""

from __future__ import annotations


class StandInError(Exception):
    """The root of this package's errors."""


class ConfigurationError(StandInError):
    """An environment variable has an invalid value."""


class RequestError(StandInError):
    """A request is refused: HTTP's ``status`` and ``Allow``, with ``code`` and ``param`` for OpenAI's error body."""

    def __init__(
        self, message: str, status: int = 400, *, code: str | None = None, param: str | None = None, allow: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param, self.allow = status, code, param, allow
