"""Everything that can go wrong in the memory server, as one tree.

    MotorheadError
    ├── ConfigurationError        a setting is wrong: the process says so and does not start
    ├── RequestError              the client's request is at fault; ``status`` is the HTTP status
    │   ├── BadRequest            400
    │   ├── Unauthorized          401
    │   ├── Forbidden             403
    │   ├── NotFound              404
    │   ├── MethodNotAllowed      405
    │   ├── Conflict              409
    │   │   ├── FoldedAlready     409
    │   │   ├── MessagesRemoved   409
    │   │   ├── SessionBusy       409
    │   │   └── SessionExists     409
    │   ├── EpochGone             412
    │   ├── NoSuchMessage         412
    │   ├── SummaryChanged        412
    │   ├── TooLarge              413
    │   └── TooManyRequests       429
    ├── Overloaded                this process is at its limit for this kind of work: 503
    ├── Stopped                   this process is being stopped: 503
    └── ModelError                a model gave no usable answer
        ├── ModelUnavailable      unreachable, overloaded or failing: worth asking again later
        │   └── ModelFailed       failed on this request; perhaps not on others
        │       └── ModelBusy     limits the rate of requests
        ├── ModelRejected         refuses this server altogether (key, credit, model name)
        │   └── RolesRefused      refuses system messages, or an order of roles
        ├── TextTooLarge          too much text for the model at once
        │   ├── SummaryCut        took the text, but stopped before its summary was complete
        │   └── TextRefused       refuses this text; a shorter part may be accepted
        └── SummaryRefused        answered, but not with a summary
            └── SummaryWithheld   answered with nothing, or with a refusal in words

Failures of Redis are `redis_link.exceptions.StoreError`: 503.
Every message is a sentence that may be shown to a client; no message contains text of a session.
"""

from __future__ import annotations

from collections.abc import Sequence

from motorhead.usage import NO_USAGE, Usage


class MotorheadError(Exception):
    """The root of the tree."""


class ConfigurationError(MotorheadError):
    """A setting has an unusable value."""


class RequestError(MotorheadError):
    """The request cannot be served as it is; ``status`` is the HTTP status of the answer.

    ``code`` distinguishes errors of one status for clients, where they have to.
    """

    status = 400
    code: str | None = None

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Additional headers of the answer."""
        return []


class BadRequest(RequestError):
    """The request is malformed."""


class Unauthorized(RequestError):
    """The bearer token is missing or wrong."""

    status = 401

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The accepted authentication scheme."""
        return [(b"www-authenticate", b"Bearer")]


class Forbidden(RequestError):
    """The request is to a host that is not allowed, or from a page of another origin."""

    status = 403


class NotFound(RequestError):
    """There is nothing at this path."""

    status = 404


class MethodNotAllowed(RequestError):
    """The path exists, but does not support this method."""

    status = 405

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        *others, last = allowed
        choices = f"{', '.join(others)} or {last}" if others else last
        super().__init__(f"{method} is not possible here; use {choices}.")
        self.allowed = allowed

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The supported methods."""
        return [(b"allow", ", ".join(self.allowed).encode())]


class Conflict(RequestError):
    """The request conflicts with the present state of the session."""

    status = 409
    code = "conflict"


class FoldedAlready(Conflict):
    """Messages to be withdrawn are in the summary already."""

    code = "folded"


class MessagesRemoved(Conflict):
    """Retention has removed messages that would be needed."""

    code = "removed"


class SessionBusy(Conflict):
    """The session keeps being changed by others; trying again may help."""

    code = "busy"


class SessionExists(Conflict):
    """A new session was to have the id of another one."""

    code = "exists"


class EpochGone(RequestError):
    """The session has been deleted since the client loaded it."""

    status = 412
    code = "gone"


class NoSuchMessage(RequestError):
    """The session has no message with the number that the client named."""

    status = 412
    code = "no_such_message"


class SummaryChanged(RequestError):
    """The summary is not the one that the client loaded."""

    status = 412
    code = "changed"


class TooLarge(RequestError):
    """The body, a message or the context exceeds a limit."""

    status = 413


class TooManyRequests(RequestError):
    """The client has exceeded its rate; it may try again in ``seconds``."""

    status = 429

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The seconds until the client may try again."""
        return [(b"retry-after", b"%d" % self.seconds)]


class Overloaded(MotorheadError):
    """This process is at its limit for this kind of work; asking again later helps."""


class Stopped(MotorheadError):
    """This process is being stopped; ask its successor or another replica."""


class ModelError(MotorheadError):
    """A model gave no usable answer. ``usage``: the tokens that it reported nevertheless."""

    def __init__(self, sentence: str, usage: Usage = NO_USAGE) -> None:
        super().__init__(sentence)
        self.usage = usage


class ModelUnavailable(ModelError):
    """The model is unreachable or failing; asking again later may help."""


class ModelFailed(ModelUnavailable):
    """The model failed on a request, or did not answer it in time. The cause may be the request."""


class ModelBusy(ModelFailed):
    """The model limits the rate of requests; it may be asked again in ``seconds`` (None: it does not say when)."""

    def __init__(self, sentence: str, seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class ModelRejected(ModelError):
    """The model refuses this server until a setting is corrected."""


class RolesRefused(ModelRejected):
    """The model's chat template takes no system message, or only roles in turn."""


class TextTooLarge(ModelError):
    """The model cannot take this much text at once."""


class SummaryCut(TextTooLarge):
    """The model's summary of this text is cut short. That of a part may be complete."""


class TextRefused(TextTooLarge):
    """The model refuses this text. The cause is in one session, not in the settings."""


class SummaryRefused(ModelError):
    """The model's answer is not a summary."""


class SummaryWithheld(SummaryRefused):
    """The model gives no summary of this text. It may give one of a part, or of another text."""
