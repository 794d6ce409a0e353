"""Every error that `chat` raises: its ``code``, which is its name on the wire, and the values for its sentence.

The sentences are in `chat.domain.sentences`.

ChatError
├── InvalidRequest            the client's own mistake: nothing was started
│   ├── InvalidFrame          a websocket frame that cannot be understood
│   ├── InvalidText           empty, too long, or not text
│   ├── InvalidSession        malformed session id
│   ├── InvalidTurn           malformed turn id
│   ├── InvalidCopy           a copy of an unsaved exchange that cannot be saved
│   ├── UnknownSubprotocol    a websocket client offers only unknown subprotocols
│   ├── AlreadyFinished       a stop of an answer that has ended, or never began
│   └── AlreadyAnswered       a second answer was requested, but memory only grows
├── AccessDenied              no visit, a foreign page, or an invalid credential
├── TurnRefused               a valid request at the wrong time
│   ├── TurnInProgress        the session is answering another turn
│   ├── TooManyTurns          the visitor's turns for this minute are used up
│   │   ├── TooManyTurnsOfAddress the turns of the visitor's address are used up
│   │   └── TooManyTurnsInAll the turns of all visitors together are used up
│   ├── TooManyFrames         the socket's frames for this minute are used up
│   ├── TooManyReplays        an answer's replays for this minute are used up
│   ├── TooManySockets        the visitor or the address has too many sockets open
│   ├── TooManyPages          the visitor or the address has opened too many pages within a minute
│   └── TooManyLogins         attempts to sign in with a name or from an address have failed too often
├── MemoryServerError         a request to the memory server failed
│   ├── MemoryUnreachable     no answer, or none in time
│   ├── MemoryRefused         the server refused the request
│   ├── SessionGone           the session was deleted in the meantime
│   └── TurnConflict          the turn's id is in use for other messages
├── ModelError                the model did not answer
│   ├── ModelUnreachable      no connection, or none in time
│   ├── ModelBusy             it has too much to do
│   ├── ModelFailed           its server failed
│   ├── ModelRefused          wrong key, quota, model name or request
│   │   └── RolesRefused      its template does not accept the roles of the prompt
│   ├── PromptTooLong         the prompt has more tokens than it can read
│   ├── ModelNotUnderstood    the answer is not that of a chat model
│   ├── ModelStalled          it fell silent or broke off
│   ├── ModelSilent           its answer was empty
│   └── ModelCut              it cut its answer short
├── RunError                  a run in flight
│   ├── RunLogUnreachable     Redis does not answer
│   ├── RunUnknown            no such run, or it ended too long ago
│   └── RunFenced             another worker has taken the run over
├── SupervisorError           a request to end one of the site's processes
│   ├── SupervisorUnreachable no supervisor runs this site, or it does not answer
│   └── ProcessGone           the process does not run any more, or not on this machine
└── Unforeseen                a bug of ours, at the boundary where it was caught
"""

from __future__ import annotations

from typing import Any, ClassVar

from chat.domain.chat_error import ChatError as ChatError
from chat.domain.durations import in_words
from chat.domain.refusals import (
    TooManyFrames as TooManyFrames,
)
from chat.domain.refusals import (
    TooManyLogins as TooManyLogins,
)
from chat.domain.refusals import (
    TooManyPages as TooManyPages,
)
from chat.domain.refusals import (
    TooManyReplays as TooManyReplays,
)
from chat.domain.refusals import (
    TooManySockets as TooManySockets,
)
from chat.domain.refusals import (
    TooManyTurns as TooManyTurns,
)
from chat.domain.refusals import (
    TooManyTurnsInAll as TooManyTurnsInAll,
)
from chat.domain.refusals import (
    TooManyTurnsOfAddress as TooManyTurnsOfAddress,
)
from chat.domain.refusals import (
    TurnInProgress as TurnInProgress,
)
from chat.domain.refusals import (
    TurnRefused as TurnRefused,
)


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
    """Shares the code of its base class, the only one that pages of earlier versions know."""


class UnknownSubprotocol(InvalidRequest):
    """``offered`` is not one of the ``known`` subprotocols. ``close_code`` is the websocket's close code."""

    code = "unknown_subprotocol"
    close_code: ClassVar[int] = 4400


class AlreadyFinished(InvalidRequest):
    code = "already_finished"


class AlreadyAnswered(InvalidRequest):
    code = "already_answered"


class AccessDenied(ChatError):
    """``close_code`` is the websocket's close code: 4401 for an unknown visitor, 4403 for a foreign page."""

    code = "access_denied"

    def __init__(self, reason: str, close_code: int = 4401, **details: Any) -> None:
        super().__init__(reason, **details)
        self.close_code = close_code


class MemoryServerError(ChatError):
    code = "memory_error"


class MemoryUnreachable(MemoryServerError):
    code = "memory_unreachable"
    retryable = True


class MemoryRefused(MemoryServerError):
    """``status`` is the HTTP status of the memory server's response, ``answer`` the sentence in it.

    ``reason`` "foreign": the response is not that of a Motörhead server.
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


class ModelBusy(ModelError):
    """``reason``: "rate" or "overloaded". ``wait``: seconds until it may have time, if it says so."""

    code = "model_busy"

    def __init__(self, reason: str, status: int, wait: float | None = None) -> None:
        super().__init__(reason, status=status, when=in_words(wait))
        self.wait = wait


class ModelFailed(ModelError):
    """The model's server answered with ``status``, an error of its own."""

    code = "model_failed"


class ModelRefused(ModelError):
    """``reason`` says which of its sentences applies. ``status`` is that of the model's answer."""

    code = "model_refused"


class RolesRefused(ModelRefused):
    """Raised only before the reply begins."""


class PromptTooLong(ModelError):
    """The model reads at most ``limit`` tokens (None: unknown). Raised only before the reply begins.

    ``reason`` is what is too long with nothing else left out: the "message", or with it the rest of the "session".
    """

    code = "prompt_too_long"
    retryable = False

    def __init__(self, limit: int | None = None, reason: str = "session", status: int | None = None) -> None:
        super().__init__(reason, status=status)
        self.limit = limit


class ModelNotUnderstood(ModelError):
    code = "model_not_understood"


class ModelStalled(ModelError):
    """``begun``: part of the reply had already arrived."""

    code = "model_stalled"

    def __init__(self, *, begun: bool = True) -> None:
        super().__init__("midway" if begun else "unbegun")


class ModelSilent(ModelError):
    code = "model_silent"


class ModelCut(ModelError):
    """The reply is incomplete, and no more of it comes. ``cut`` is the cause: "length" or "content_filter".

    ``thinking``: the model had not begun its answer, so there is nothing to remember. ``bound``: the length is that of
    ``CHAT_MAX_REPLY_CHARS``, not of the model.
    """

    code = "model_cut"

    def __init__(self, cut: str, *, thinking: bool = False, bound: bool = False) -> None:
        by = "bound" if bound else cut
        super().__init__(f"{by}_thinking" if thinking else cut)
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


class SupervisorError(ChatError):
    code = "supervisor_error"


class SupervisorUnreachable(SupervisorError):
    code = "supervisor_unreachable"
    retryable = True


class ProcessGone(SupervisorError):
    code = "process_gone"


class Unforeseen(ChatError):
    code = "internal"
    retryable = True
