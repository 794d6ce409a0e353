"""Errors of a run in flight, a part of `chat.domain.exceptions`."""

from __future__ import annotations

from chat.domain.chat_error import ChatError


class RunError(ChatError):
    code = "run_error"


class RunLogUnreachable(RunError):
    """``reason`` "disk_full" or "store_full": somebody has to make room; "read_only": it refuses to write otherwise."""

    code = "run_log_unreachable"
    retryable = True


class RunUnknown(RunError):
    code = "run_unknown"


class PromptUnknown(RunError):
    code = "prompt_unknown"


class RunFenced(RunError):
    code = "run_fenced"


class AnswerRestarted(RunError):
    """A reader cannot take back what it has passed on of the answer."""

    code = "answer_restarted"
    retryable = True
