"""Everything that `chat` raises: a ``code``, which is its name on the wire, and what is needed to put it into words.

The words are in `chat.domain.sentences`.

ChatError
├── InvalidRequest            the client's own mistake: nothing was begun
│   ├── InvalidFrame          a websocket frame that is not understood
│   ├── InvalidText           empty, too long, or not text
│   ├── InvalidSession        malformed session id
│   ├── InvalidTurn           malformed turn id
│   ├── InvalidCopy           a copy of an unsaved exchange that cannot be saved
│   ├── UnknownSubprotocol    a websocket's client offers others than there are
│   ├── AlreadyFinished       a stop of an answer that has ended, or never began
│   └── AlreadyAnswered       a second answer was asked for, but memory only grows
├── AccessDenied              no visit, a foreign page, or a credential that does not hold
├── TurnRefused               right as a request, but not now
│   ├── TurnInProgress        the session is answering another turn
│   ├── TooManyTurns          the visitor's turns a minute are used up
│   │   └── TooManyTurnsInAll those of all visitors together are
│   └── TooManyFrames         the socket's frames a minute are used up
├── MemoryServerError         the memory server did not do what was asked
│   ├── MemoryUnreachable     no answer, or not in time
│   ├── MemoryRefused         an answer that says no
│   ├── SessionGone           the session was deleted meanwhile
│   └── TurnConflict          the turn's id is taken by other words
├── ModelError                the model did not answer
│   ├── ModelUnreachable      no connection, or none in time
│   ├── ModelRefused          key, quota, model name, or the request itself
│   ├── ModelNotUnderstood    what answers there is no chat model
│   ├── ModelStalled          it fell silent, or broke off
│   ├── ModelSilent           its answer was empty
│   └── ModelCut              it ended its answer before it was whole
├── RunError                  a run in flight
│   ├── RunLogUnreachable     Redis does not answer
│   ├── RunUnknown            no such run, or it ended too long ago
│   └── RunFenced             another worker has taken the run over
└── Unforeseen                a mistake of ours, at the boundary where it was caught
"""

from __future__ import annotations

from typing import Any, ClassVar


class ChatError(Exception):
    """Base of all. ``retryable``: the same request may succeed later, unchanged.

    ``reason`` tells errors of one code apart ("" where there is one only), ``details`` are the values in its sentence.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, reason: str = "", **details: Any) -> None:
        super().__init__(self.code, reason)
        self.reason = reason
        self.details = details

    def __str__(self) -> str:
        """The sentence for a person who was sending a message."""
        from chat.domain.sentences import sentence  # which names every error

        return sentence(self)


class InvalidRequest(ChatError):
    code = "invalid_request"


class InvalidFrame(InvalidRequest):
    code = "invalid_frame"


class InvalidText(InvalidRequest):
    code = "invalid_text"


class InvalidSession(InvalidRequest):
    code = "invalid_session"


class InvalidTurn(InvalidRequest):
    code = "invalid_turn"


class InvalidCopy(InvalidRequest):
    """Its code is that of every other invalid request: pages of earlier versions know no other."""


class UnknownSubprotocol(InvalidRequest):
    """``offered`` is not among those that are ``known``. ``close_code`` is what its websocket is closed with."""

    code = "unknown_subprotocol"
    close_code: ClassVar[int] = 4400


class AlreadyFinished(InvalidRequest):
    code = "already_finished"


class AlreadyAnswered(InvalidRequest):
    code = "already_answered"


class AccessDenied(ChatError):
    """``close_code`` is what a websocket is closed with: 4401 who is it?, 4403 not from that page."""

    code = "access_denied"

    def __init__(self, reason: str, close_code: int = 4401, **details: Any) -> None:
        super().__init__(reason, **details)
        self.close_code = close_code


class TurnRefused(ChatError):
    retryable = True


class TurnInProgress(TurnRefused):
    """``turn_id`` names the turn that the session is busy with."""

    code = "turn_in_progress"

    def __init__(self, turn_id: str) -> None:
        super().__init__()
        self.turn_id = turn_id


class TooManyTurns(TurnRefused):
    """``limit`` turns a minute are used up; ``retry_after`` is in seconds."""

    code = "too_many_turns"
    of: ClassVar[str] = "visitor"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(self.of, limit=limit, retry_after=retry_after)
        self.retry_after = retry_after


class TooManyTurnsInAll(TooManyTurns):
    """The visitor who meets it may have used none of the turns."""

    of = "all"


class TooManyFrames(TurnRefused):
    code = "too_many_frames"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class MemoryServerError(ChatError):
    code = "memory_error"


class MemoryUnreachable(MemoryServerError):
    code = "memory_unreachable"
    retryable = True


class MemoryRefused(MemoryServerError):
    """``status`` is the HTTP status that the memory server answered, ``answer`` the sentence in it.

    ``reason`` "foreign": the answer is not that of a Motörhead server.
    """

    code = "memory_refused"

    def __init__(self, status: int, answer: str = "", reason: str = "") -> None:
        super().__init__(reason, status=status, answer=answer)
        self.status = status


class SessionGone(MemoryServerError):
    code = "session_gone"


class TurnConflict(MemoryServerError):
    code = "turn_conflict"


class ModelError(ChatError):
    code = "model_error"
    retryable = True


class ModelUnreachable(ModelError):
    code = "model_unreachable"


class ModelRefused(ModelError):
    """``reason``: "key", "name", "quota", or "request" (with its ``status``)."""

    code = "model_refused"


class ModelNotUnderstood(ModelError):
    code = "model_not_understood"


class ModelStalled(ModelError):
    """``begun``: it had said something before."""

    code = "model_stalled"

    def __init__(self, *, begun: bool = True) -> None:
        super().__init__("midway" if begun else "unbegun")


class ModelSilent(ModelError):
    code = "model_silent"


class ModelCut(ModelError):
    """What came is all that comes, and not whole. ``cut`` says by what: "length" or "content_filter"."""

    code = "model_cut"

    def __init__(self, cut: str) -> None:
        super().__init__(cut)
        self.cut = cut


class RunError(ChatError):
    code = "run_error"


class RunLogUnreachable(RunError):
    code = "run_log_unreachable"
    retryable = True


class RunUnknown(RunError):
    code = "run_unknown"


class RunFenced(RunError):
    code = "run_fenced"


class Unforeseen(ChatError):
    code = "internal"
    retryable = True
