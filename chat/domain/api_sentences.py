"""The sentences for errors that only clients of the API can make, a part of `chat.domain.sentences`."""

from __future__ import annotations

FRAME_SENTENCES: dict[str, str] = {
    "invalid_frame.binary": "This frame is binary. Send text that contains JSON.",
    "invalid_frame.not_json": "This frame is not valid JSON: {problem}.",
    "invalid_frame.too_deep": "This frame is nested too deeply. Send only the fields that the documentation names.",
    "invalid_frame.malformed": "This frame is malformed: {problem}.",
    "invalid_frame.too_long": "This frame has {length:,} characters; at most {limit:,} bytes are accepted.",
    "invalid_frame.too_long_history": (
        "This frame has {length:,} characters; at most {limit:,} bytes are accepted. "
        "Send only your newest message: this server remembers the others."
    ),
    "invalid_frame.type": "There is no frame type {type!r}. Send one of: {types}.",
    "invalid_frame.trigger": "There is no trigger {trigger!r}. Use submit-message or regenerate-message.",
    "invalid_frame.no_user_message": "There is no user message in messages. Send one whose role is user.",
    "invalid_frame.file": "Files are not accepted. Send only the text.",
    "invalid_frame.no_text": "The user's message has no text part. Send parts, one of them of type text.",
}

#: About calls over HTTP. Pages never show these, so they are not translated.
HTTP_SENTENCES: dict[str, str] = {
    "invalid_request.malformed": "{place} {problem}.{also} The API's description says what this call takes.",
    "invalid_request.no_run": "The body is not a RunAgentInput: {problem}. The page on AG-UI says what is read of one.",
    "invalid_request.not_json": "The body is not a JSON object in UTF-8. Send one, as application/json.",
    "invalid_request.form": "The form cannot be read. Send multipart/form-data with its boundary and the one file.",
    "invalid_request.cursor": "This cursor was not made by this list. Begin without one.",
    "body_too_large": "The body of this request is too large. Send less.",
    "unknown_path": "There is no such address in this API. Its description, /api/v1/openapi.json, lists all.",
    "method_not_allowed": "{method} is not possible here. Use {allowed}.",
    "unknown_session": "Nothing is remembered of this session. It exists once something is said in it.",
    "unknown_version": "This version of the summary is not kept any more. List the versions, then choose another.",
    "unseen_summary": (
        "Say which summary you replace: send the ETag that came with it as If-Match, or * for the present one."
    ),
    "turn_conflict.key": "This Idempotency-Key belongs to another request. Use a new one.",
    "access_denied.no_credential": (
        "It is not known whose sessions this is about. Send a bearer token, a ticket or the visitor's cookie."
    ),
    "access_denied.scheme": "The Authorization header is not understood. Send Bearer, followed by a token.",
    "access_denied.csrf": (
        "A page of this site has to prove that it sent this. Send the token in its cookie as X-CSRFToken."
    ),
}
