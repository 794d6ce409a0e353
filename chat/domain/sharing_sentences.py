"""Sentences about what goes in and out: imports and shared links. A part of `chat.domain.sentences`."""

from __future__ import annotations

SHARING: dict[str, str] = {
    "invalid_import.no_file": "There is no file in this request. Choose one.",
    "invalid_import.too_large": "The file has {size} MB; at most {limit} MB can be imported. Split it.",
    "invalid_import.zip": "This is a ZIP archive. Unpack it, and choose the file conversations.json in it.",
    "invalid_import.not_json": "The file is not valid JSON. Export it again.",
    "invalid_import.unknown": "The file is neither an export of this site nor ChatGPT's conversations.json.",
    "invalid_import.version": "The file has version {version} of its format; this site knows version {known}.",
    "invalid_import.malformed": "The file is not as its format demands. Export it again.",
    "invalid_import.nothing": "There is no session with messages in this file.",
    "invalid_import.message": "It has a message of {size} MB; at most {limit} MB can be remembered.",
    "invalid_import.continued": (
        "It was continued here before its import was complete. Delete it, then import it again."
    ),
    "invalid_share.nothing": "Nothing is remembered of this session yet, so there is nothing to share.",
    "invalid_share.too_many": "You have {limit} links already. Revoke some that are not needed any more.",
    "share_ended": "This link leads nowhere any more: it was revoked, or its session was deleted. Ask for another.",
}
