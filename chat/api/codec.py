"""The interface between the API's doors and the wire formats of client libraries.

A door handles requests, turns and connections and knows no format; a codec knows one format and no door. Between them
pass a client's requests (`SendRequest`, `ResumeRequest`, `WatchRequest`, `AbortRequest`) and the output for it (a
frame's text, or `Close`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from chat.api.past import Past
from chat.domain.exceptions import ChatError
from chat.domain.messages import Memory, Message
from chat.domain.runs import Entry
from chat.grants.scopes import Scope


def always(_: Message) -> bool:
    """Recognises every message."""
    return True


def never(_: Message) -> bool:
    """Recognises no message."""
    return False


@dataclass(frozen=True, slots=True)
class Replaced:
    """The message that a send replaces, with all behind it. ``is_it`` recognises it, or its reply.

    ``is_last``: whether nothing was said behind this message, as far as the client knows. ``was_there``: the session
    had it, since the client knows it by an id of this site. ``is_shown``: whether the client has the reply to this
    message already, and asks for no other. ``is_newest`` recognises the message that the client shows before it: if
    nothing was said behind that, the send replaces nothing.
    """

    is_it: Callable[[Message], bool]
    is_last: Callable[[Message], bool] = never
    was_there: bool = False
    is_shown: Callable[[Message], bool] = never
    is_newest: Callable[[Message], bool] = never


@dataclass(frozen=True, slots=True)
class SendRequest:
    """Answer ``text`` in the session ``session_id``.

    ``turn_id`` names the turn, and is the same when the message is sent again. ``attempt_id`` names another turn, in
    case that one has failed, or None if the client names its turns itself, which ties each to its text. ``replaced``:
    what it replaces if that is remembered. ``retry``: that is the same message, sent before. ``is_turn`` recognises
    the turn of an earlier request with the same name, if the client names its requests.
    """

    request_id: str
    session_id: str
    text: str
    turn_id: str
    attempt_id: str | None = None
    retry: bool = False
    replaced: Replaced | None = None
    is_turn: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    """Replay an answer of the session ``session_id``: that of the turn which ``is_turn`` recognises by its id.

    Without ``is_turn``, the current or latest. ``past``: without such an answer, there is still the past to be shown.
    """

    request_id: str
    session_id: str
    is_turn: Callable[[str], bool] | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """Show the memory of the session ``session_id``, now and whenever it changes, until the request is aborted."""

    request_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class AbortRequest:
    """Stop the answer to the request ``request_id`` (a send or a resume), or end a watch."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Closes the connection, on a websocket with this code. Nothing is sent after it."""

    code: int


Output: TypeAlias = str | Close

#: What a client may ask for, besides ending another request.
Asked: TypeAlias = SendRequest | ResumeRequest | WatchRequest


def scopes_for(asked: Asked) -> tuple[Scope, ...]:
    """The scopes of which a token needs one to ask for this."""
    return (Scope.TURNS,) if isinstance(asked, SendRequest) else (Scope.TURNS, Scope.READ)


#: The query of a connection's address.
Query: TypeAlias = Mapping[str, Sequence[str]]


class Codec(Protocol):
    """One wire format on one connection. A codec does not send, and keeps no text."""

    def opening(self) -> SendRequest | ResumeRequest | None:
        """The request in the connection's address, if any, made before the first frame."""

    def decode(self, frame: str) -> Asked | AbortRequest:
        """The request in a frame. Raises `InvalidFrame`: the frame cannot be understood."""

    def request_id_of(self, frame: str) -> str:
        """The id of the request that a refused frame belongs to; "" if unknown."""

    def answer(
        self, request_id: str, entries: AsyncGenerator[Entry], *, past: Past, resumed: bool = False
    ) -> AsyncGenerator[Output]:
        """The answer to a request, streamed from its turn's ``entries``. Closes ``entries``.

        ``resumed``: the client may not know the user's message. ``past``: what is remembered of its session.
        ``entries`` raises `RunLogUnreachable`: it cannot be read for now; `RunUnknown`: the run is gone.
        """

    def memories(self, request_id: str, memories: AsyncGenerator[Memory]) -> AsyncGenerator[Output]:
        """The output for each of ``memories``, which are those of a session that is watched. Closes ``memories``."""

    def end(self, request_id: str) -> Iterable[Output]:
        """The output after an answer or a watch, when its request is over and its id can be used again."""

    def nothing_to_resume(self, request_id: str) -> Iterable[Output]:
        """The output for a resume of a session without an answer to replay."""

    def failure(self, request_id: str, error: ChatError) -> Iterable[Output]:
        """The output for a request that failed with ``error``, or for a frame if ``request_id`` is ""."""
