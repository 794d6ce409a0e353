"""The sentences of errors that only the OpenAI-shaped door has, by code and reason."""

from __future__ import annotations

OPENAI_SENTENCES = {
    "access_denied.no_token": "This call needs an Authorization header: Bearer, followed by a token of this site.",
    "answer_restarted": (
        "This answer had to be started again, so what has come so far does not hold. Send the same request again, "
        "with its Idempotency-Key, to get the whole answer."
    ),
    "invalid_request.completion_not_json": "The body is not valid JSON: {problem}.",
    "invalid_request.completion_malformed": "The body is malformed: {problem}.",
    "invalid_request.completion_too_deep": "The body is nested too deeply. Send only the fields that are documented.",
    "invalid_request.completion_too_large": (
        "The body has more than {limit:,} bytes. Send only the newest message: this server remembers the others."
    ),
    "invalid_request.completion_parameter": (
        "The parameter {param!r} is not supported with this value: {why}. Leave it out."
    ),
    "invalid_request.completion_no_session": (
        "No session is named. Set metadata.session, the header X-Session-Id, or user."
    ),
    "invalid_request.completion_no_message": "There is no user message in messages. Send one whose role is user.",
    "invalid_request.completion_not_last": (
        "The last message has the role {role!r}, and only the user's can be answered. Send the user's message last."
    ),
    "invalid_request.completion_part": (
        "The user's message has a part of type {type!r}. Only text is accepted: send parts of type text, or a string."
    ),
    "invalid_request.completion_no_text": "The user's message has no text. Send content.",
    "invalid_request.completion_key": "The header Idempotency-Key has more than {limit} characters. Use a shorter one.",
    "invalid_request.no_model": "There is no model {model!r} here. The only one is {known!r}.",
    "invalid_request.no_path": "There is nothing at this path. Use /v1/chat/completions or /v1/models.",
    "invalid_request.no_method": "This path takes only {allowed}.",
}
