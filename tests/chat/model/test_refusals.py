"""Errors of a model's server, as errors of the chat."""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from chat.domain.exceptions import (
    ModelBusy,
    ModelError,
    ModelFailed,
    ModelRefused,
    ModelStalled,
    PromptTooLong,
    RolesRefused,
)
from chat.model.client import ChatModel
from chat.model.refusals import LONGEST_WAIT, refusal, wait_in
from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY

RECORDED = REPOSITORY / "tests" / "support" / "recorded"
#: What a failure of each kind is for the chat, by what it is for the memory server: the error, and its reasons.
MEANINGS: dict[str, tuple[type[ModelError], set[str]]] = {
    "TextTooLarge": (PromptTooLong, {"session"}),
    "RolesRefused": (RolesRefused, {"roles"}),
    "ModelBusy": (ModelBusy, {"rate", "overloaded"}),
    "ModelRejected": (ModelRefused, {"quota", "key", "name"}),
    "TextRefused": (ModelRefused, {"request", "filter"}),
    "ModelFailed": (ModelFailed, {""}),
    "ModelUnavailable": (ModelRefused, {"api_version"}),
}
FULL = {"message": "the request exceeds the available context size", "n_ctx": 4096}


async def reply_of(model: ChatModel) -> list[object]:
    return [text async for text in model.stream_reply([HumanMessage("hi")])]


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, None, "The model refused the key. Check OPENAI_API_KEY."),
        (404, None, "The server does not know this model. Check CHAT_MODEL and OPENAI_BASE_URL."),
        (402, "Insufficient Balance", "The model's quota is used up (402). Add to it, or try again later."),
        (429, None, "The model has too much to do. Try again in a moment."),
        (429, "Please try again in 6m0s.", "The model has too much to do. Try again in 6 minutes."),
        (
            429,
            {"message": "You exceeded your current quota.", "code": "insufficient_quota"},
            "The model's quota is used up (429). Add to it, or try again later.",
        ),
        (500, None, "The model's server failed (500). Try again in a moment."),
        (502, "<html>Bad gateway</html>", "The model's server failed (502). Try again in a moment."),
        (503, None, "The model is overloaded (503). Try again in a moment."),
        (504, None, "The model's server failed (504). Try again in a moment."),
        (529, {"type": "overloaded_error"}, "The model is overloaded (529). Try again in a moment."),
        (400, None, "The model refused the request (400). Try a shorter message, or another one."),
        (400, {"code": "content_filter"}, "The model's content filter refused this message. Word it differently."),
        (
            400,
            {"code": "BadRequest", "message": "API version not supported"},
            "Azure refused the version of its API (400). Check AZURE_API_VERSION.",
        ),
    ],
)
def test_an_error_has_the_sentence_of_its_cause(status: int, body: object, sentence: str) -> None:
    """The sentence says what was wrong, with the status where that helps, and what to do."""
    error = refusal(status, body)
    assert str(error) == sentence
    assert error.details["status"] == status


def test_azures_settings_have_other_names() -> None:
    """For Azure, the sentences about key and name mention its variables."""
    assert "AZURE_API_KEY" in str(refusal(401, None, azure=True))
    assert "AZURE_DEPLOYMENT_ID" in str(refusal(404, {"code": "DeploymentNotFound"}, azure=True))
    assert "AZURE_DEPLOYMENT_ID" in str(refusal(400, {"code": "OperationNotSupported"}, azure=True))


@pytest.mark.parametrize("status", [400, 413, 422, 500, None])
def test_a_prompt_that_is_too_long_is_one_whatever_the_status(status: int | None) -> None:
    """Servers do not agree on the status; llama.cpp's is 500."""
    error = refusal(status, {"message": "Context size has been exceeded.", "n_ctx": 4096})
    assert isinstance(error, PromptTooLong)
    assert error.limit == 4096


def test_too_large_a_body_is_too_long_a_prompt() -> None:
    """A 413 needs no words."""
    assert isinstance(refusal(413, "<html>"), PromptTooLong)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"message": "Too many tokens, please wait before trying again."}),
        (None, {"message": "Too many tokens, please wait before trying again."}),
        (503, {"message": "Too many tokens, please wait before trying again."}),
        (429, {"message": "Context size has been exceeded."}),
        (401, {"message": "Incorrect key for the request 'context size has been exceeded'."}),
        (401, {"message": "Request too large for this key."}),
        (403, {"message": "prompt is too long: 9000 tokens > 8000 maximum"}),
    ],
)
def test_a_limited_rate_or_a_refused_key_is_no_prompt_that_is_too_long(status: int | None, body: object) -> None:
    """Their words may be similar, but a shorter prompt would not help."""
    assert not isinstance(refusal(status, body), PromptTooLong)


def test_a_prompt_larger_than_the_tokens_of_a_minute_is_too_long() -> None:
    """No pause would help; a 429 with these words names the number of tokens."""
    error = refusal(429, {"message": "Request too large for m on tokens per min (TPM): Limit 30000, Requested 41230."})
    assert isinstance(error, PromptTooLong)
    assert error.limit == 30_000


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDED / name).read_text().splitlines()]


def body_of(written: str) -> object:
    """The body of an error as openai's client has it."""
    try:
        body = json.loads(written)
    except ValueError:
        return written
    return body.get("error", body) if isinstance(body, dict) else body


@pytest.mark.parametrize(
    "failed", lines_of("model_failures.jsonl"), ids=lambda failed: f"{failed['server']}, {failed['status']}"
)
def test_a_failure_recorded_for_the_memory_server_means_the_same_to_the_chat(failed: dict[str, Any]) -> None:
    """Both halves read the same servers; to the chat, a server that is loading its model is overloaded."""
    error = refusal(failed["status"], body_of(failed["body"]), failed["headers"])
    loading = failed["means"] == "ModelFailed" and failed["status"] == 503
    kind, reasons = MEANINGS["ModelBusy" if loading else failed["means"]]
    assert type(error) is kind
    assert error.reason in reasons


@pytest.mark.parametrize("status", [400, 422, 500, None])
@pytest.mark.parametrize("recorded", lines_of("model-errors.jsonl"), ids=lambda recorded: recorded["server"])
def test_a_recorded_error_has_its_meaning_whatever_the_status(recorded: dict[str, Any], status: int | None) -> None:
    """In the body of a refusal, of a failure and in a stream."""
    error = refusal(status, recorded["body"])
    assert isinstance(error, PromptTooLong) == (recorded["meaning"] == "too long")
    assert isinstance(error, RolesRefused) == (recorded["meaning"] == "roles")


@pytest.mark.parametrize("status", [400, 404, 422, 424, 500, None])
def test_refused_roles_are_recognised_whatever_the_status(status: int | None) -> None:
    """Servers do not agree on it."""
    assert isinstance(refusal(status, {"error": "System role not supported"}), RolesRefused)


def test_an_error_in_a_stream_without_status_or_known_words_says_that_nothing_began() -> None:
    """Nothing more is known."""
    assert isinstance(refusal(None, {"message": "boom"}), ModelStalled)


@pytest.mark.parametrize(
    ("headers", "words", "seconds"),
    [
        ({"retry-after": "45"}, "", 45),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        ({"retry-after": "-3"}, "", 0),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "", 0),
        ({}, "Please try again in 9.816s. Visit the page.", 9.816),
        ({}, "Please retry after 86400 seconds.", 86400),
        ({}, "Please retry in 2h18m0s.", 8280),
        ({}, "Please retry in 114h18m0s.", LONGEST_WAIT),
        ({}, f"Please retry in {'9' * 400}s.", LONGEST_WAIT),
        ({"retry-after": "1764393600"}, "", LONGEST_WAIT),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, "", LONGEST_WAIT),
        ({}, "Please try again in 20 milliseconds.", 0.02),
        ({}, "Please try again in 1 minute 20 seconds.", 80),
        ({}, "Please try again in 250ms.", 0.25),
        ({}, "Try again in 1.2.3 s", None),
        ({}, "Try again later.", None),
    ],
)
def test_the_time_to_wait_is_read_from_headers_and_words(
    headers: dict[str, str], words: str, seconds: float | None
) -> None:
    """Headers come first: milliseconds, then seconds or a date."""
    assert wait_in(headers, words) == pytest.approx(seconds)


def test_a_date_to_come_is_a_time_to_wait() -> None:
    """An HTTP date has whole seconds."""
    wait = wait_in({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert wait is not None
    assert 40 < wait <= 60


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000"])
def test_a_date_is_in_utc_wherever_the_chat_runs(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time zone of this machine has no say in it."""
    date = formatdate(time.time() + 60).replace("-0000", zone)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        wait = wait_in({"retry-after": date})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert wait is not None
    assert 30 < wait <= 60


@pytest.mark.parametrize(
    ("status", "raw"),
    [
        (400, json.dumps({"error": FULL})),
        (500, json.dumps({"error": FULL | {"code": 500}})),
        (400, json.dumps([{"error": FULL}])),
        (413, "<html>Request Entity Too Large</html>"),
        (200, f"data: {json.dumps({'error': FULL})}\n\n"),
        (200, f"event: error\ndata: {json.dumps(FULL)}\n\ndata: [DONE]\n\n"),
        (200, f"data: {json.dumps({'object': 'error', **FULL})}\n\ndata: [DONE]\n\n"),
        (200, f"data: {json.dumps({'error_message': FULL['message'], **FULL})}\n\n"),
        (200, f"error: {json.dumps(FULL)}\n\n"),
        (200, json.dumps({"error": FULL})),
    ],
)
async def test_a_context_that_is_exceeded_is_recognised_wherever_it_is_said(
    model: ChatModel, scripted_openai: ScriptedOpenAI, status: int, raw: str
) -> None:
    """In the body of an error and in a stream of status 200, in all their forms. It is not retried."""
    scripted_openai.enqueue(Reply(status=status, raw=[raw.encode()]))
    with pytest.raises(PromptTooLong) as refused:
        await reply_of(model)
    assert refused.value.limit == (None if status == 413 else 4096)
    assert len(scripted_openai.requests) == 1


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (
            'data: {"error":{"code":"rate_limit_exceeded","message":"Please try again in 30s."}}',
            "The model has too much to do. Try again in 30 seconds.",
        ),
        (
            'data: {"error":{"code":"429","message":"Slow down."}}',
            "The model has too much to do. Try again in a moment.",
        ),
        ('data: {"error":"Slow down.","code":429}', "The model has too much to do. Try again in a moment."),
        (
            'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            "The model is overloaded (529). Try again in a moment.",
        ),
        ('data: {"error":{"code":"invalid_api_key"}}', "The model refused the key. Check OPENAI_API_KEY."),
        (
            'data: {"error":{"code":"content_filter","message":"Filtered."}}',
            "The model's content filter refused this message. Word it differently.",
        ),
        (
            'data: {"choices":[{"error":{"code":502,"message":"Lost"},"finish_reason":"error"}]}',
            "The model's server failed (502). Try again in a moment.",
        ),
    ],
)
async def test_an_error_in_a_stream_has_the_sentence_of_its_code(
    model: ChatModel, scripted_openai: ScriptedOpenAI, raw: str, sentence: str
) -> None:
    """Codes and types stand for the status that an answer of their own would have had."""
    scripted_openai.enqueue(Reply(raw=[f"{raw}\n\n".encode()]))
    with pytest.raises(ModelError) as refused:
        await reply_of(model)
    assert str(refused.value) == sentence


async def test_a_model_with_too_much_to_do_says_for_how_long_at_once(
    model: ChatModel, scripted_openai: ScriptedOpenAI
) -> None:
    """A long wait is not waited for, but reported."""
    scripted_openai.enqueue(Reply(status=429, headers={"retry-after": "45"}))
    async with asyncio.timeout(10 * PATIENCE):
        with pytest.raises(ModelBusy, match=r"Try again in 45 seconds\.$"):
            await reply_of(model)
    assert len(scripted_openai.requests) == 1
