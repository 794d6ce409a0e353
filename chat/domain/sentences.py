"""The sentence for every error, by its code, its reason, and what its reader was doing.

A sentence says what was wrong and what to do. A situation without a sentence of its own uses the one for looking, or
else the one for sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from itertools import chain
from typing import Any, Protocol, TypeAlias

from chat.domain.api_sentences import FRAME_SENTENCES, HTTP_SENTENCES
from chat.domain.model_sentences import MODEL_SENTENCES
from chat.domain.openai_sentences import OPENAI_SENTENCES
from chat.domain.sharing_sentences import SHARING


class Worded(Protocol):
    """What a sentence is about: every `chat.domain.exceptions.ChatError`."""

    @property
    def code(self) -> str:
        """The name of the error on the wire."""

    @property
    def reason(self) -> str:
        """What distinguishes errors that share a code; "" if only one has it."""

    @property
    def details(self) -> Mapping[str, Any]:
        """The values in the sentence."""


class Situation(Enum):
    """What a person was doing, or what was being done for them."""

    SENDING = auto()
    LOOKING = auto()
    #: Having a session open: the sentence is shown until the outage is over.
    WATCHING = auto()
    STOPPING = auto()
    SAVING = auto()
    DELETING = auto()
    CHANGING = auto()
    RECALLING = auto()
    SIGNING_OUT = auto()
    ADMIN = auto()


S = Situation
Sentences: TypeAlias = dict[Situation, str]

#: Put before the sentence for looking, unless the error has a sentence of its own for the situation.
LEADS = {
    S.STOPPING: "It was not stopped.",
    S.DELETING: "It was not deleted.",
    S.CHANGING: "Nothing was changed.",
    S.SIGNING_OUT: "You were not signed out.",
    S.RECALLING: "Nothing could be recalled from earlier in this session.",
}

_SESSION_STORE = "The chat's own store cannot be reached."


def _until_room(full: str) -> Sentences:
    """The sentences while nothing can be stored because something is ``full``."""
    return {
        S.SENDING: f"{full}, so nothing more can be remembered. Your message is kept here; try again later.",
        S.LOOKING: f"{full}, so nothing can be stored. Try again later.",
        S.WATCHING: f"{full}, so nothing more can be remembered. Your session is safe.",
        S.SAVING: f"{full}, so this cannot be remembered yet. Try again later.",
        S.DELETING: f"It may not have been deleted. {full}. Try again later.",
        S.ADMIN: f"{full}, so nothing can be stored. Free some space.",
    }


_DISK_FULL = _until_room("This site's disk is full")
_STORE_FULL = _until_room("This site's store is full")

SENTENCES: dict[str, str | Sentences] = {
    **SHARING,
    # --- the client's own mistakes
    "invalid_text.empty": "The message is empty. Write something first.",
    "invalid_text.too_long": "The message has {length} characters; at most {limit} are allowed. Shorten it.",
    "invalid_text.not_unicode": "The message contains characters that are not valid Unicode. Remove them.",
    "invalid_session": "This session id is malformed. Use 1 to 64 characters: letters, digits, hyphens, underscores.",
    "invalid_request.owner": "An owner of a tenant has 1 to {limit} letters, digits, hyphens and underscores.",
    "invalid_turn": (
        "This turn id is malformed. Use 1 to 128 characters: letters, digits, hyphens, underscores, dots, colons."
    ),
    "invalid_message_id": "This message id is malformed. Use one from the list of messages.",
    "invalid_details.title": "The title has {length:,} characters; at most {limit:,} are allowed. Shorten it.",
    "invalid_details.label": "A label has {length:,} characters; at most {limit:,} are allowed. Shorten it.",
    "invalid_details.labels": "A session has at most {limit} labels. Remove some.",
    "invalid_details.instructions": (
        "The instructions have {length:,} characters; at most {limit:,} are allowed. Shorten them."
    ),
    "invalid_details.summary": "The summary has {length:,} characters; at most {limit:,} are allowed. Shorten it.",
    "invalid_details.no_summary": "The summary is empty. To forget everything, delete the session.",
    "invalid_request.id_in_use": "The request id {request_id!r} is in use on this socket. Choose another.",
    "invalid_request.too_many_open": "This socket has {limit} requests open. Wait until one of them has ended.",
    "invalid_request.too_many_watched": "This socket watches {limit} memories. Abort one of the requests first.",
    "invalid_request.copy_expired": "This copy is older than a day and can no longer be saved. Send the message again.",
    "invalid_request.copy_forged": "This copy was changed, or was not made by this site. Reload the page.",
    "invalid_request.copy_elsewhere": "This copy belongs to another session. Open that session and save it there.",
    "invalid_request.copy_too_late": "Other turns have passed since. Saved now, this one would be in the wrong place.",
    "unknown_subprotocol": "There is no subprotocol {offered!r} here. Offer one of these, or none: {known}.",
    "already_finished": "There is nothing to stop under this request id: its answer has already finished.",
    "already_answered": (
        "This message already has an answer, and memory is never rewritten. Send it as a new message."
    ),
    # --- access
    "access_denied.expired": (
        "Your visit has expired. Reload the page. If this happens again at once, allow cookies for this site."
    ),
    "access_denied.no_cookies": (
        "This page needs a cookie to know which sessions are yours, and your browser keeps none. "
        "Allow cookies for this site, then reload the page."
    ),
    "access_denied.other_visit": (
        "This page belongs to a visit that is over: someone signed out in this browser, or the visit expired. "
        "Reload the page to go on; the text in the message box is kept."
    ),
    "access_denied.origin": (
        "Pages of this origin may not connect. Add the origin to CHAT_ALLOWED_ORIGINS, or use a bearer token."
    ),
    "access_denied.unknown_address": (
        "The site does not know that it is reached at this address. Set CHAT_PUBLIC_URL to the address, "
        "restart the site, and reload the page."
    ),
    "access_denied.unproven": (
        "Nothing was done: the request came without the token that every page of this site sends. "
        "Allow cookies for this site, reload the page and try again."
    ),
    "access_denied.foreign_token": "This {kind} was not issued by this site. Ask for a new one.",
    "access_denied.expired_token": "This {kind} has expired. Ask for a new one.",
    "access_denied.revoked_token": "This token was revoked. Ask for a new one.",
    "access_denied.used_ticket": "This ticket was used before, and each opens one connection. Ask for a new one.",
    "access_denied.scope": "This token is not for that: it would need the scope {scope}. Ask for another token.",
    "access_denied.token_origin": "This token is not for pages of this origin. Add the origin to a new token.",
    "access_denied.not_a_service": (
        "Only the token of a service buys tickets for other owners. Leave out owner, or ask for such a token."
    ),
    "access_denied.no_https": (
        "Browsers keep a cookie for pages of another site only by https, and this site has no https address. "
        "Use a ticket."
    ),
    "access_denied.no_bearer": "A ticket needs an Authorization header: Bearer, followed by a token.",
    "access_denied.wrong_password": "The name or the password is wrong. Check both, then try again.",
    "access_denied.name_taken": "Somebody has just taken this name. Choose another.",
    "access_denied.no_sign_up": "Nobody can sign up on this site. Ask those who run it for an account.",
    "access_denied.not_invited": "One signs up on this site by invitation. Open the link in yours.",
    "access_denied.no_invitation": "This invitation was used before, or has expired. Ask for a new one.",
    # --- not now
    "turn_in_progress": "This session is still answering. Wait for the answer or stop it, then try again.",
    "said_since": "Something else was said since, so this can no longer be undone or replaced.",
    "too_many_turns.visitor": "You have used your {limit} turns for this minute. Try again in {retry_after} seconds.",
    "too_many_turns.address": (
        "Your network has used its {limit} turns for this minute. Try again in {retry_after} seconds."
    ),
    "too_many_turns.token": (
        "This token has used its {limit} turns for this minute. Try again in {retry_after} seconds."
    ),
    "too_many_turns.all": (
        "This site's {limit} turns a minute for all visitors are used up. Try again in {retry_after} seconds."
    ),
    "too_many_frames": "This connection has sent its {limit} frames for this minute. Wait a minute.",
    "too_many_replays": "This answer has been replayed {limit} times within this minute. Wait a minute.",
    "too_many_sockets.visitor": (
        "You have {limit} connections to this site open. Close some of its tabs, then reload the page or connect again."
    ),
    "too_many_sockets.address": (
        "Your network has {limit} connections to this site open. Close some, then reload the page or connect again."
    ),
    "too_many_pages.visitor": (
        "You have opened {limit} pages of this site within a minute. Try again in {retry_after} seconds."
    ),
    "too_many_pages.address": (
        "Your network has opened its {limit} pages of this site within a minute. Try again in {retry_after} seconds."
    ),
    "too_many_pages.token": (
        "This token has used its {limit} calls for this minute. Try again in {retry_after} seconds."
    ),
    "too_many_logins": "Too many attempts to sign in have failed. Try again in {minutes} minutes.",
    # --- the memory server
    "memory_unreachable": {
        S.SENDING: "Memory is unreachable. Your message is kept here.",
        S.LOOKING: "Memory is unreachable. Try again in a moment.",
        S.WATCHING: "Memory is unreachable. Your session is safe, and will be shown again as soon as memory is back.",
        S.SAVING: "Memory is still unreachable. Try again in a moment.",
        S.DELETING: "It may not have been deleted: memory is unreachable. Try again in a moment.",
        S.ADMIN: "The memory server cannot be reached. Try again in a moment.",
    },
    "memory_unreachable.disk_full": _DISK_FULL,
    "memory_unreachable.store_full": _STORE_FULL,
    "memory_refused": "The memory server refused this ({status}): {answer}",
    "memory_refused.foreign": "The server at MOTORHEAD_URL ({status}) is not a Motörhead server. Check the address.",
    "memory_busy": "Others are changing this session at the same time. Try again in a moment.",
    "not_supported": "This memory server cannot do that: it only adds messages and deletes sessions.",
    "session_gone": "This session was deleted while it was answering. The answer was not kept.",
    "session_exists": "There is a session of this name already. Choose another name.",
    "turn_conflict": "This turn is already remembered with different words. Send it as a new message.",
    "message_folded": (
        "This message is part of the summary by now, and can no longer be replaced. "
        "Restore an earlier version of the summary, or fork the session from here."
    ),
    "messages_removed": "Messages that this needs were removed because of their age. Choose something newer.",
    "unknown_message": "This message is not in the session any more. Look at the newest messages, then try again.",
    "summary_changed": "The summary has changed since you began. Compare the two, then save again.",
    "fold_failed": "The summary could not be written. {answer}",
    **MODEL_SENTENCES,
    # --- runs
    "run_log_unreachable": {
        S.SENDING: f"{_SESSION_STORE} Your message is kept here; try again in a moment.",
        S.LOOKING: f"{_SESSION_STORE} Try again in a moment.",
        S.WATCHING: f"{_SESSION_STORE} Answers go on as soon as it is back.",
        S.DELETING: f"It may not have been deleted. {_SESSION_STORE} Try again in a moment.",
        S.ADMIN: "Redis cannot be reached, so an answer in progress could not be stopped. Try again in a moment.",
    },
    "run_log_unreachable.disk_full": _DISK_FULL,
    "run_log_unreachable.store_full": _STORE_FULL,
    "run_log_unreachable.read_only": {
        S.SENDING: "The chat's own store refuses to write. Your message is kept here; try again in a moment.",
        S.LOOKING: "The chat's own store refuses to write. Try again in a moment.",
    },
    "run_unknown": "This answer can no longer be replayed. It is in the session if it was remembered.",
    "prompt_unknown": "What the model saw is kept for five minutes after its answer. Here it is no longer known.",
    "accounts_unreachable": "The accounts cannot be reached. Try again in a moment.",
    # --- ending the site's processes
    "access_denied.elsewhere": "Processes can only be ended from the machine on which the site runs.",
    "supervisor_unreachable": "No supervisor answers here. Start the site with scripts/serve.",
    "process_gone.unknown": "That process has ended already. Look which one runs now, and try again.",
    "process_gone.elsewhere": "That process runs on another machine, whose supervisor alone can end it.",
    # --- the rest
    "run_fenced": "Another worker has taken this answer over.",
    "internal": "Something went wrong here. Try again.",
    **FRAME_SENTENCES,
    **HTTP_SENTENCES,
    **OPENAI_SENTENCES,
}


def sentence(error: Worded, situation: Situation = Situation.SENDING) -> str:
    """The sentence about ``error`` for a person in this ``situation``."""
    return " ".join(text.format(**error.details) for text in wording(error, situation))


def wording(error: Worded, situation: Situation) -> list[str]:
    """The sentence in one piece or two, with its values' names in braces in their places."""
    found = SENTENCES[f"{error.code}.{error.reason}" if error.reason else error.code]
    texts = {S.SENDING: found} if isinstance(found, str) else found
    if situation in texts:
        return [texts[situation]]
    general = texts[S.SENDING] if situation is S.SENDING else texts.get(S.LOOKING, texts[S.SENDING])
    return [LEADS[situation], general] if situation in LEADS else [general]


def all_sentences() -> list[str]:
    """Every piece that `wording` may return for a page, once; what only programs read stays English."""
    shown = (found for key, found in SENTENCES.items() if key not in HTTP_SENTENCES | OPENAI_SENTENCES)
    texts = (found.values() if isinstance(found, dict) else [found] for found in shown)
    return list(dict.fromkeys([*LEADS.values(), *chain.from_iterable(texts)]))
