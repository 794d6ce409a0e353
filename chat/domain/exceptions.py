"""Every error that `chat` raises: its ``code``, which is its name on the wire, and the values for its sentence.

The sentences are in `chat.domain.sentences`.

ChatError
├── InvalidRequest            the client's own mistake: nothing was started
│   ├── InvalidFrame          a websocket frame that cannot be understood
│   ├── InvalidText           empty, too long, or not text
│   ├── InvalidSession        malformed session id
│   ├── InvalidTurn           malformed turn id
│   ├── InvalidMessageId      malformed id of a message
│   ├── InvalidDetails        a title, label, summary or instructions that cannot be stored
│   ├── InvalidImport         a file that cannot be imported, or a session in it
│   ├── InvalidShare          a session that cannot be shared
│   ├── ShareEnded            a link that was revoked, or whose session was deleted
│   ├── InvalidCopy           a copy of an unsaved exchange that cannot be saved
│   ├── UnknownSubprotocol    a websocket client offers only unknown subprotocols
│   ├── AlreadyFinished       a stop of an answer that has ended, or never began
│   ├── AlreadyAnswered       a second answer was requested, but memory only grows
│   ├── UnknownPath           no call of the HTTP API has this address
│   ├── MethodNotAllowed      the address has other methods
│   ├── BodyTooLarge          a request's body is too large
│   ├── UnknownSession        nothing is remembered of the session
│   ├── UnknownVersion        the summary has no such version
│   └── UnseenSummary         an edit does not say which summary it replaces
├── AccessDenied              no visit, a foreign page, or an invalid credential
├── TurnRefused               a valid request at the wrong time
│   ├── TurnInProgress        the session is answering another turn
│   ├── SaidSince             something else was said since
│   ├── TooManyTurns          the visitor's turns for this minute are used up
│   │   ├── TooManyTurnsOfAddress the turns of the visitor's address are used up
│   │   ├── TooManyTurnsOfToken the turns of the owner's token are used up
│   │   └── TooManyTurnsInAll the turns of all visitors together are used up
│   ├── TooManyFrames         the socket's frames for this minute are used up
│   ├── TooManyReplays        an answer's replays for this minute are used up
│   ├── TooManySockets        the visitor or the address has too many sockets open
│   ├── TooManyPages          the visitor, the address or the token has opened too many pages within a minute
│   └── TooManyLogins         attempts to sign in with a name or from an address have failed too often
├── MemoryServerError         a request to the memory server failed
│   ├── MemoryUnreachable     no answer, or none in time; or its disk is full
│   ├── MemoryRefused         the server refused the request
│   ├── MemoryBusy            others keep changing the session
│   ├── NotSupported          the server, perhaps the original, does not have this verb
│   ├── SessionGone           the session was deleted in the meantime
│   ├── SessionExists         the name of a fork is in use
│   ├── TurnConflict          the turn's id is in use for other messages
│   ├── MessageFolded         a message to be replaced is in the summary
│   ├── MessagesRemoved       retention has removed messages that are needed
│   ├── UnknownMessage        the session has no such message
│   ├── SummaryChanged        the summary is not the one that was read
│   └── FoldFailed            the summary could not be written
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
│   ├── RunLogUnreachable     Redis does not answer, or cannot write
│   ├── RunUnknown            no such run, or it ended too long ago
│   ├── PromptUnknown         the same of what its model was sent
│   ├── RunFenced             another worker has taken the run over
│   └── AnswerRestarted       another worker has started an answer again that was partly passed on
├── AccountsUnreachable       the database of accounts does not answer
├── SupervisorError           a request to end one of the site's processes
│   ├── SupervisorUnreachable no supervisor runs this site, or it does not answer
│   └── ProcessGone           the process does not run any more, or not on this machine
└── Unforeseen                a bug of ours, at the boundary where it was caught
"""

from __future__ import annotations

from math import ceil
from typing import Any

from chat.domain.chat_error import ChatError as ChatError
from chat.domain.durations import in_words
from chat.domain.invalid_requests import (
    AlreadyAnswered as AlreadyAnswered,
    AlreadyFinished as AlreadyFinished,
    BodyTooLarge as BodyTooLarge,
    InvalidCopy as InvalidCopy,
    InvalidDetails as InvalidDetails,
    InvalidFrame as InvalidFrame,
    InvalidImport as InvalidImport,
    InvalidMessageId as InvalidMessageId,
    InvalidRequest as InvalidRequest,
    InvalidSession as InvalidSession,
    InvalidShare as InvalidShare,
    InvalidText as InvalidText,
    InvalidTurn as InvalidTurn,
    MethodNotAllowed as MethodNotAllowed,
    ShareEnded as ShareEnded,
    UnknownPath as UnknownPath,
    UnknownSession as UnknownSession,
    UnknownSubprotocol as UnknownSubprotocol,
    UnknownVersion as UnknownVersion,
    UnseenSummary as UnseenSummary,
)
from chat.domain.memory_errors import (
    FoldFailed as FoldFailed,
    MemoryBusy as MemoryBusy,
    MemoryRefused as MemoryRefused,
    MemoryServerError as MemoryServerError,
    MemoryUnreachable as MemoryUnreachable,
    MessageFolded as MessageFolded,
    MessagesRemoved as MessagesRemoved,
    NotSupported as NotSupported,
    SessionExists as SessionExists,
    SessionGone as SessionGone,
    SummaryChanged as SummaryChanged,
    TurnConflict as TurnConflict,
    UnknownMessage as UnknownMessage,
)
from chat.domain.refusals import (
    SaidSince as SaidSince,
    TooManyFrames as TooManyFrames,
    TooManyLogins as TooManyLogins,
    TooManyPages as TooManyPages,
    TooManyReplays as TooManyReplays,
    TooManySockets as TooManySockets,
    TooManyTurns as TooManyTurns,
    TooManyTurnsInAll as TooManyTurnsInAll,
    TooManyTurnsOfAddress as TooManyTurnsOfAddress,
    TooManyTurnsOfToken as TooManyTurnsOfToken,
    TurnInProgress as TurnInProgress,
    TurnRefused as TurnRefused,
)
from chat.domain.run_errors import (
    AnswerRestarted as AnswerRestarted,
    PromptUnknown as PromptUnknown,
    RunError as RunError,
    RunFenced as RunFenced,
    RunLogUnreachable as RunLogUnreachable,
    RunUnknown as RunUnknown,
)


class AccessDenied(ChatError):
    """``close_code`` is the websocket's close code: 4401 for an unknown visitor, 4403 for a foreign page."""

    code = "access_denied"

    def __init__(self, reason: str, close_code: int = 4401, **details: Any) -> None:
        super().__init__(reason, **details)
        self.close_code = close_code


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
        self.retry_after = None if wait is None else max(1, ceil(wait))


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


class AccountsUnreachable(ChatError):
    code = "accounts_unreachable"
    retryable = True


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
