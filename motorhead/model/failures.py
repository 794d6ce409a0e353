"""What a model's failure means: the status, headers and body of its answer become one of our errors.

Servers agree neither on codes nor on wordings, and gateways quote one error inside another, so the whole body is
searched. ``tests/support/recorded/model_failures.jsonl`` has the bodies of many servers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from motorhead.exceptions import (
    ModelBusy,
    ModelError,
    ModelFailed,
    ModelRejected,
    ModelUnavailable,
    RolesRefused,
    TextRefused,
    TextTooLarge,
)
from motorhead.messages import UNREADABLE

#: Characters of a body that are searched; errors are shorter.
SEARCHED = 20_000
#: The longest wait that a model can ask for, in seconds; it is asked again after that in any case.
LONGEST_WAIT = 120.0
#: Statuses of a model that is overloaded, if it says when to ask again.
OVERLOADED = {408, 503, 529}


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


TOO_LARGE = _any_of(
    r"context_(length|size|window)_exceeded|exceed_context_size|(request|input|prompt)_too_(large|long)",
    r"string_above_max_length|maximum (context|prompt|model) length",
    r"context (size|length|window|limit)( has been| was| is)? exceeded|context (window|length) exceeds",
    r"exceed(s|ed)?( the| this| its)?( model\S{0,4}s?)?( available| maximum| max)? context",
    r"(longer|larger|greater) than the( model\S{0,4}s?)?( maximum| max)? context|context length of only",
    r"(prompt|input|all messages)( is| was| token length)? too (long|large)|too large for model",
    r"token count.{0,40}exceeds the (maximum|limit)|exceeds the maximum (number of tokens|allowed (input|length))",
    r"exceeded model token limit|more than max tokens allowed|range of input length should be",
    r"reduce the (length|number of tokens)|reduce your prompt|too many (input )?tokens",
    r"max_new_tokens.{0,4} must be <=|must have less than \d+ tokens|max_tokens must be at least 1, got -",
)
#: The only wording of a 429 that means the size of one request: it exceeds the tokens of a whole minute.
TOO_LARGE_FOR_A_MINUTE = _any_of(r"request too large")

ROLES = _any_of(
    r"roles? must alternate|only (supports? )?user(,| and) assistant|should be .{0,3}user.{0,3} or .{0,3}assistant",
    r"system (role|message|prompt|instruction)s?( is| are)? not (supported|allowed|enabled)",
    r"developer instruction is not enabled|does not support .{0,3}system|role .{0,3}system.{0,3} is not supported",
    r"(unexpected|invalid|unsupported|unknown) role.{0,6}system",
    r"must (start|begin) with (a|the) .{0,20}user|first message must .{0,20}user",
)

NO_CREDIT = _any_of(
    r"insufficient[ _](quota|balance|credit|funds)|billing_(hard_limit|not_active)|credit balance is too low",
)
#: OpenAI says this of an empty account, and Gemini of a minute's limit, with the seconds until the next minute.
NO_QUOTA = _any_of(r"exceeded your current quota")

#: Azure's wordings and codes for a version of its API, which a gateway passes on. The body may quote the text in the
#: request, so a mere mention is not enough.
API_VERSION = _any_of(
    r"(invalid|missing|unsupported)ApiVersion|api[ -]version (is )?not supported|unsupported api[ -]version",
    r"enabled only for api versions|please use api-version=|the api-version '[^']{0,40}' is invalid",
)

#: The wordings of a 403 that concern one text: moderation, or a firewall in front of the model. Google also says
#: "blocked" of keys and accounts, so the word must follow what was sent.
TEXT_BLOCKED = _any_of(
    r"(input|prompt|text|content|message|request)( (is|was|were|has been|have been))? (flagged|blocked)",
    r"flagged_input|requires moderation|moderation[ _](blocked|error|failed)",
    r"content[ _](management )?(policy|filter)|safety system|guardrails? (blocked|intervened)",
    r"(blocked|flagged|rejected) by .{0,40}(moderation|firewall|\bWAF\b|security (policy|rule|service))",
    r"you have been blocked|web application firewall",
    r"\bcloudflare\b|error code: 1020|mod_?security|application-gateway|the requested url was rejected",
)

WAIT = re.compile(
    r"(?:retry|try again)\s+(?:in|after)\s+"
    r"(?:(?P<minutes>\d+)m)?(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|milliseconds?|s)"
    r"|retryDelay\W+(?P<delay>\d+(?:\.\d+)?)s",
    re.IGNORECASE,
)


def failure(what: str, status: int, body: str, headers: Mapping[str, str]) -> ModelError:
    """The error of an answer with this status; ``what`` names the model in its sentence."""
    text = body[:SEARCHED]
    if _exceeds_context(status, text):
        return TextTooLarge(f"The {what} cannot take this much text at once (status {status}).")
    if is_blocked(status, text):  # the body may quote the text, so no other words count
        return TextRefused(f"The {what}, or a firewall in front of it, refuses this text (status {status}).")
    wait = asked_wait(headers, text)
    if status == 402 or (status in {400, 403, 429} and _without_credit(text, wait)):
        return ModelRejected(f"The {what}'s account has no credit left (status {status}); check its plan and billing.")
    if status == 429 or (status in OVERLOADED and wait is not None):
        return ModelBusy(f"The {what} is receiving too many requests (status {status}).", wait)
    return _refusal(what, status, text) or ModelFailed(f"The {what} fails (status {status}).")


def is_blocked(status: int, body: str) -> bool:
    """Whether an answer refuses one text, in a 403 of the model's moderation or of a firewall in front of it."""
    return status == 403 and bool(TEXT_BLOCKED.search(body[:SEARCHED]))


def _exceeds_context(status: int, text: str) -> bool:
    if status == 429:
        return bool(TOO_LARGE_FOR_A_MINUTE.search(text))
    return status == 413 or ((status in {400, 422} or status >= 500) and bool(TOO_LARGE.search(text)))


def _without_credit(text: str, wait: float | None) -> bool:
    return bool(NO_CREDIT.search(text)) or (wait is None and bool(NO_QUOTA.search(text)))


def _refusal(what: str, status: int, text: str) -> ModelError | None:
    """The error of an answer that refuses the request for what it contains or for who sends it."""
    if status in {401, 403}:
        return ModelRejected(f"The {what} refuses the key (status {status}); check OPENAI_API_KEY.")
    if status in {400, 404} and API_VERSION.search(text):
        return ModelUnavailable(f"The {what} refuses the version of its API (status {status}); check its address.")
    if status == 404 or "model_not_found" in text:
        return ModelRejected(f"The {what} refuses the request (status {status}); check the model's name.")
    if (status in {400, 422} or status >= 500) and ROLES.search(text):
        return RolesRefused(f"The {what} refuses the roles of the messages (status {status}); check its chat template.")
    if status in {400, 422}:
        return TextRefused(f"The {what} refuses this text (status {status}).")
    return None


def failure_in(what: str, answer: bytes) -> ModelError | None:
    """The error in an answer that has status 200 but consists of an error, as some gateways send it."""
    if not answer.lstrip().startswith(b'{"error":'):
        return None
    try:
        error = msgspec.json.decode(answer)["error"]
    except UNREADABLE:
        return None
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return failure(what, status, answer.decode(errors="replace"), {}) if error else None


def asked_wait(headers: Mapping[str, str], text: str) -> float | None:
    """The seconds to wait that a model asks for in ``headers`` or in words, at most `LONGEST_WAIT`; None: it does not.

    ``headers``: with names in lower case, or of a type that ignores their case.
    """
    readings = (
        _number(headers.get("retry-after-ms"), 0.001),
        _number(headers.get("retry-after"), 1),
        _until(headers.get("retry-after")),
        _in_words(text),
    )
    wait = next((reading for reading in readings if reading is not None), None)
    return None if wait is None else min(max(wait, 0.0), LONGEST_WAIT)


def _number(written: str | None, unit: float) -> float | None:
    try:
        number = float(written or "") * unit
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _until(written: str | None) -> float | None:
    """The seconds until an HTTP date."""
    try:
        then = parsedate_to_datetime(written or "")
    except (ValueError, OverflowError):
        return None
    return (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _in_words(text: str) -> float | None:
    found = WAIT.search(text)
    if found is None:
        return None
    if found["delay"]:
        return float(found["delay"])
    amount = float(found["amount"]) * (0.001 if found["unit"].lower().startswith("m") else 1)
    return 60.0 * int(found["minutes"] or 0) + amount
