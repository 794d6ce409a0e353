"""Failed requests to the memory server, a part of `chat.domain.exceptions`."""

from __future__ import annotations

from chat.domain.chat_error import ChatError


class MemoryServerError(ChatError):
    code = "memory_error"


class MemoryUnreachable(MemoryServerError):
    """``answer`` is the server's sentence, if it has sent one: it may be the model that cannot be reached.

    ``reason`` "disk_full" or "store_full": it cannot store anything until somebody makes room.
    """

    code = "memory_unreachable"
    retryable = True

    def __init__(self, answer: str = "", reason: str = "") -> None:
        super().__init__(reason)
        self.answer = answer


class MemoryRefused(MemoryServerError):
    """``status`` is the HTTP status of the memory server's response, ``answer`` the sentence in it.

    ``reason`` "foreign": the response is not that of a Motörhead server.
    """

    code = "memory_refused"

    def __init__(self, status: int, answer: str = "", reason: str = "") -> None:
        super().__init__(reason, status=status, answer=answer)
        self.status = status


class MemoryBusy(MemoryServerError):
    code = "memory_busy"
    retryable = True


class NotSupported(MemoryServerError):
    code = "not_supported"


class SessionGone(MemoryServerError):
    code = "session_gone"


class SessionExists(MemoryServerError):
    code = "session_exists"


class TurnConflict(MemoryServerError):
    code = "turn_conflict"


class MessageFolded(MemoryServerError):
    code = "message_folded"


class MessagesRemoved(MemoryServerError):
    code = "messages_removed"


class UnknownMessage(MemoryServerError):
    code = "unknown_message"


class SummaryChanged(MemoryServerError):
    code = "summary_changed"


class FoldFailed(MemoryServerError):
    """``answer`` is the memory server's sentence."""

    code = "fold_failed"
    retryable = True
