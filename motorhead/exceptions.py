"""Everything that can go wrong in the memory server, as one tree.

    MotorheadError
    ├── ConfigurationError        a setting is wrong: the process says so and does not start
    ├── RequestError              the client's request is at fault; ``status`` is the HTTP status
    │   ├── BadRequest            400
    │   ├── Unauthorized          401
    │   ├── NotFound              404
    │   ├── MethodNotAllowed      405
    │   ├── Conflict              409
    │   ├── EpochGone             412
    │   ├── TooLarge              413
    │   └── TooManyRequests       429
    ├── Overloaded                this process does as much of the kind at once as it may: 503
    ├── Stopped                   this process is being stopped: 503
    └── ModelError                a model did not do what was asked
        ├── ModelUnavailable      not reachable, overloaded, failing: worth asking again later
        ├── ModelRejected         it will not answer this server at all (key, model name)
        ├── TextTooLarge          more text than the model can take at once
        │   └── TextRefused       the model will not take this text; less of it may leave out the cause
        └── SummaryRefused        it answered, but with no summary

What Redis does not do is a `redis_link.exceptions.StoreError`: 503.
Every message is a sentence that may be shown to a client: none holds text of a session.
"""

from __future__ import annotations

from collections.abc import Sequence

from motorhead.usage import NO_USAGE, Usage


class MotorheadError(Exception):
    """The root of the tree."""


class ConfigurationError(MotorheadError):
    """A setting has a value that cannot be used."""


class RequestError(MotorheadError):
    """The request cannot be served as it stands; ``status`` is the HTTP status of the answer."""

    status = 400

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers that belong to the answer."""
        return []


class BadRequest(RequestError):
    """The request is malformed."""


class Unauthorized(RequestError):
    """The bearer token is missing or wrong."""

    status = 401

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The scheme that would be accepted."""
        return [(b"www-authenticate", b"Bearer")]


class NotFound(RequestError):
    """Nothing is at this path."""

    status = 404


class MethodNotAllowed(RequestError):
    """The path is known, but not with this method."""

    status = 405

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{method} is not possible here; use {' or '.join(allowed)}.")
        self.allowed = allowed

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The methods that the path knows."""
        return [(b"allow", ", ".join(self.allowed).encode())]


class Conflict(RequestError):
    """The request contradicts what the session already holds."""

    status = 409


class EpochGone(RequestError):
    """The session that the client had loaded was deleted since."""

    status = 412


class TooLarge(RequestError):
    """The body, a message or the context exceeds a limit."""

    status = 413


class TooManyRequests(RequestError):
    """The client asks more often than it may; ``seconds`` is when to try again."""

    status = 429

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """When the client may ask again."""
        return [(b"retry-after", b"%d" % self.seconds)]


class Overloaded(MotorheadError):
    """This process does as much of the kind at once as it may; asking again later helps."""


class Stopped(MotorheadError):
    """This process is being stopped; its successor, or another replica, can be asked."""


class ModelError(MotorheadError):
    """A model did not do what was asked. ``usage``: the tokens that it took all the same, as far as it reported any."""

    def __init__(self, sentence: str, usage: Usage = NO_USAGE) -> None:
        super().__init__(sentence)
        self.usage = usage


class ModelUnavailable(ModelError):
    """The model cannot be reached or fails; asking again later may help."""


class ModelRejected(ModelError):
    """The model will not answer this server until a setting is mended."""


class TextTooLarge(ModelError):
    """The model cannot summarise this much text in one go."""


class TextRefused(TextTooLarge):
    """The model will not take this text: the fault of one session, not of the settings."""


class SummaryRefused(ModelError):
    """The model's answer is not a summary."""
