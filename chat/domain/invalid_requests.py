"""Requests that are mistakes of the client, a part of `chat.domain.exceptions`."""

from __future__ import annotations

from typing import ClassVar

from chat.domain.chat_error import ChatError


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


class InvalidMessageId(InvalidRequest):
    code = "invalid_message_id"


class InvalidDetails(InvalidRequest):
    """``reason`` says which detail of a session is too long, or that a summary is empty."""

    code = "invalid_details"


class InvalidImport(InvalidRequest):
    """``reason`` says why a file cannot be imported."""

    code = "invalid_import"


class InvalidShare(InvalidRequest):
    """``reason`` says why a session cannot be shared."""

    code = "invalid_share"


class ShareEnded(InvalidRequest):
    """The link was revoked, or its session deleted; or there has never been one."""

    code = "share_ended"


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


class UnknownPath(InvalidRequest):
    code = "unknown_path"


class MethodNotAllowed(InvalidRequest):
    """``method`` is not one of the ``allowed`` ones."""

    code = "method_not_allowed"


class BodyTooLarge(InvalidRequest):
    code = "body_too_large"


class UnknownSession(InvalidRequest):
    code = "unknown_session"


class UnknownVersion(InvalidRequest):
    code = "unknown_version"


class UnseenSummary(InvalidRequest):
    code = "unseen_summary"
