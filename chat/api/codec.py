"""The seam between the API's doors and the wire formats of client libraries.

A door knows requests, turns and connections, and no format; a codec knows one format, and no door. In between stand
what a client asks for (`SendRequest`, `ResumeRequest`, `AbortRequest`) and what it is sent (a frame's text, or
`Close`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chat.domain.exceptions import ChatError
from chat.domain.runs import Entry


@dataclass(frozen=True, slots=True)
class SendRequest:
    """Answer ``text`` in the session ``session_id``.

    ``turn_id`` is the turn that is meant: the same where the same message is sent again. ``attempt_id`` is another
    turn, for when that one came to nothing; None where the client names its turns itself, which then stand for their
    words. ``retry``: the message was sent before, and got no answer.
    """

    request_id: str
    session_id: str
    text: str
    turn_id: str
    attempt_id: str | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    """Replay what the session ``session_id`` is answering, or has just answered."""

    request_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class AbortRequest:
    """Stop the answer that the request ``request_id`` (a send or a resume) is about."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """No frame: the connection ends here, on a websocket with this code. Nothing is sent after it."""

    code: int


Output: TypeAlias = str | Close

#: The query of a connection's address.
Query: TypeAlias = Mapping[str, Sequence[str]]


class Codec(Protocol):
    """One wire format, on one connection. It does not send, and keeps no text."""

    def opening(self) -> SendRequest | ResumeRequest | None:
        """What the connection's address asks for, before any frame has come."""

    def decode(self, frame: str) -> SendRequest | ResumeRequest | AbortRequest:
        """What a frame asks for. Raises `InvalidFrame` when it is not understood."""

    def request_id_of(self, frame: str) -> str:
        """The request that a refused frame is about; "" where none can be named."""

    def answer(self, request_id: str, entries: AsyncGenerator[Entry]) -> AsyncGenerator[Output]:
        """The answer to a request, as its turn's ``entries`` come. Closes ``entries``.

        ``entries`` raise `RunLogUnreachable` when they cannot be read for now, and `RunUnknown` when they are gone.
        """

    def end(self, request_id: str) -> Iterable[Output]:
        """What follows an answer when its request is over, and another may take its id."""

    def nothing_to_resume(self, request_id: str) -> Iterable[Output]:
        """The answer to a resume of a session that is answering nothing."""

    def failure(self, request_id: str, error: ChatError) -> Iterable[Output]:
        """Why a request, or a frame where ``request_id`` is "", came to nothing."""
