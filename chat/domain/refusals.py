"""Refusals of valid requests at the wrong time, a part of `chat.domain.exceptions`."""

from __future__ import annotations

from typing import ClassVar

from chat.domain.chat_error import ChatError


class TurnRefused(ChatError):
    retryable = True


class TurnInProgress(TurnRefused):
    """``turn_id`` is the turn that the session is busy with."""

    code = "turn_in_progress"

    def __init__(self, turn_id: str) -> None:
        super().__init__()
        self.turn_id = turn_id


class SaidSince(TurnRefused):
    """Something was said in the session since its user has seen it."""

    code = "said_since"
    retryable = False


class TooManyTurns(TurnRefused):
    """The ``limit`` turns a minute are used up; ``retry_after`` is in seconds."""

    code = "too_many_turns"
    of: ClassVar[str] = "visitor"
    retry_after: int

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(self.of, limit=limit, retry_after=retry_after)
        self.retry_after = retry_after


class TooManyTurnsOfAddress(TooManyTurns):
    """The visitor who gets this error may not have used any of the turns."""

    of = "address"


class TooManyTurnsOfToken(TooManyTurns):
    """The owner who gets this error may not have used any of the turns: a service's token has many owners."""

    of = "token"


class TooManyTurnsInAll(TooManyTurns):
    """The visitor who gets this error may not have used any of the turns."""

    of = "all"


class TooManyFrames(TurnRefused):
    """``close_code`` is the close code of a websocket whose client goes on."""

    code = "too_many_frames"
    close_code: ClassVar[int] = 4429

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class TooManyReplays(TurnRefused):
    code = "too_many_replays"


class TooManySockets(TurnRefused):
    """``reason``: "visitor" or "address". ``close_code`` is the websocket's close code."""

    code = "too_many_sockets"
    close_code: ClassVar[int] = 4429


class TooManyPages(TurnRefused):
    """``reason``: "visitor", "address" or "token". ``retry_after`` is in seconds, ``close_code`` the websocket's."""

    code = "too_many_pages"
    close_code: ClassVar[int] = 4015
    retry_after: int

    def __init__(self, reason: str, limit: int, retry_after: int) -> None:
        super().__init__(reason, limit=limit, retry_after=retry_after)
        self.retry_after = retry_after


class TooManyLogins(TurnRefused):
    code = "too_many_logins"
