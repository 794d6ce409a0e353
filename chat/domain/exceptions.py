"""Everything that `chat` raises. ``str()`` is a sentence for the user, ``code`` its name on the wire.

ChatError
├── InvalidRequest            the client's own mistake: nothing was begun
│   ├── InvalidFrame          a websocket frame that is not understood
│   ├── InvalidText           empty, too long, or not text
│   ├── InvalidSession        malformed session id
│   ├── InvalidTurn           malformed turn id
│   └── AlreadyAnswered       an answer is to be made anew, but memory only grows
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
│   └── ModelCut              it ended its answer before it was whole
└── RunError                  a run in flight
    ├── RunLogUnreachable     Redis does not answer
    ├── RunUnknown            no such run, or it ended too long ago
    └── RunFenced             another worker has taken the run over
"""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """Base of all. ``retryable``: the same request may succeed later, unchanged."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


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


class AlreadyAnswered(InvalidRequest):
    code = "already_answered"

    def __init__(self) -> None:
        super().__init__(
            "This message has its answer, and what is remembered is never rewritten. Send it as a new message."
        )


class AccessDenied(ChatError):
    """``close_code`` is what a websocket is closed with: 4401 who is it?, 4403 not from that page."""

    code = "access_denied"

    def __init__(self, reason: str, close_code: int = 4401) -> None:
        super().__init__(reason)
        self.close_code = close_code


class TurnRefused(ChatError):
    retryable = True


class TurnInProgress(TurnRefused):
    """``turn_id`` names the turn that the session is busy with."""

    code = "turn_in_progress"

    def __init__(self, turn_id: str) -> None:
        super().__init__("This session is still answering. Wait for the answer, or stop it, then try again.")
        self.turn_id = turn_id


class TooManyTurns(TurnRefused):
    """``retry_after`` is in seconds."""

    code = "too_many_turns"

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(self._sentence(limit, retry_after))
        self.retry_after = retry_after

    def _sentence(self, limit: int, retry_after: int) -> str:
        return f"You have used your {limit} turns for this minute. Try again in {retry_after} seconds."


class TooManyTurnsInAll(TooManyTurns):
    """Whoever meets it may have used none of the turns."""

    def _sentence(self, limit: int, retry_after: int) -> str:
        return f"This site's {limit} turns a minute for all visitors are used up. Try again in {retry_after} seconds."


class TooManyFrames(TurnRefused):
    code = "too_many_frames"

    def __init__(self, limit: int) -> None:
        super().__init__(f"This connection has sent its {limit} frames for this minute. Wait a minute.")


class MemoryServerError(ChatError):
    code = "memory_error"


class MemoryUnreachable(MemoryServerError):
    code = "memory_unreachable"
    retryable = True

    def __init__(self) -> None:
        super().__init__("Memory is unreachable. Your message is kept here.")


class MemoryRefused(MemoryServerError):
    """``status`` is the HTTP status that the memory server answered."""

    code = "memory_refused"

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"The memory server refused this ({status}): {reason}")
        self.status = status


class SessionGone(MemoryServerError):
    code = "session_gone"

    def __init__(self) -> None:
        super().__init__("This session was deleted while it was answering. The answer was not kept.")


class TurnConflict(MemoryServerError):
    code = "turn_conflict"

    def __init__(self) -> None:
        super().__init__("This turn was already remembered with other words. Send it as a new message.")


class ModelError(ChatError):
    code = "model_error"
    retryable = True


class ModelUnreachable(ModelError):
    code = "model_unreachable"

    def __init__(self) -> None:
        super().__init__("The model cannot be reached. Try again in a moment.")


class ModelRefused(ModelError):
    code = "model_refused"


class ModelNotUnderstood(ModelError):
    code = "model_not_understood"

    def __init__(self) -> None:
        super().__init__(
            "The model's answer cannot be understood. Check that OPENAI_BASE_URL leads to an OpenAI-compatible model, "
            "then try again."
        )


class ModelStalled(ModelError):
    """``begun``: it had said something before."""

    code = "model_stalled"

    def __init__(self, *, begun: bool = True) -> None:
        broke_off = "The model broke off in the middle of its answer. Try again."
        super().__init__(broke_off if begun else "The model did not begin to answer. Try again.")


class ModelCut(ModelError):
    """What came is all that comes, and not whole. ``cut`` says by what: "length" or "content_filter"."""

    code = "model_cut"

    def __init__(self, cut: str) -> None:
        what = "its content filter stopped it" if cut == "content_filter" else "it reached its limit of length"
        super().__init__(f"The model's answer is cut short: {what}.")
        self.cut = cut


class RunError(ChatError):
    code = "run_error"


class RunLogUnreachable(RunError):
    code = "run_log_unreachable"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The chat's own store cannot be reached. Your message is kept here; try again in a moment.")


class RunUnknown(RunError):
    code = "run_unknown"

    def __init__(self) -> None:
        super().__init__("This answer is no longer replayable. It is in the session if it was remembered.")


class RunFenced(RunError):
    code = "run_fenced"

    def __init__(self) -> None:
        super().__init__("Another worker has taken this answer over.")
