"""The errors of many servers, as recorded in their bug reports and those of their clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.model import wordings
from tests.support.servers import REPOSITORY

ERRORS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (REPOSITORY / "tests" / "support" / "recorded" / "model-errors.jsonl").read_text().splitlines()
]
#: What each server says of a prompt that is too long, and the ``limit`` that it names.
TOO_LONG = [error for error in ERRORS if error["meaning"] == "too long"]
ROLES = [error for error in ERRORS if error["meaning"] == "roles"]
#: Errors with similar words.
OTHERS = [error for error in ERRORS if error["meaning"] == "something else"]


def named(error: dict[str, Any]) -> str:
    return str(error["server"])


@pytest.mark.parametrize("error", TOO_LONG, ids=named)
def test_a_prompt_that_is_too_long_is_recognised_with_its_limit(error: dict[str, Any]) -> None:
    """Every server's words are recognised, and the number of tokens in them, if there is one."""
    words = wordings.words_of(error["body"])
    assert wordings.is_too_long(words)
    assert wordings.limit_in(words) == error["limit"]
    assert not wordings.is_about_roles(words)


@pytest.mark.parametrize("error", TOO_LONG, ids=named)
def test_a_body_in_a_string_is_recognised_as_well(error: dict[str, Any]) -> None:
    """Gateways pass an error on as a string in their own."""
    words = wordings.words_of({"error": {"message": json.dumps(error["body"])}})
    assert wordings.is_too_long(words)
    assert wordings.limit_in(words) == error["limit"]


@pytest.mark.parametrize("error", OTHERS, ids=named)
def test_other_errors_are_not_taken_for_one_of_length(error: dict[str, Any]) -> None:
    """Rates, limits of the answer and words of the request are not."""
    words = wordings.words_of(error["body"])
    assert not wordings.is_too_long(words)
    assert not wordings.is_about_roles(words)


@pytest.mark.parametrize("error", ROLES, ids=named)
def test_a_refusal_of_roles_is_recognised(error: dict[str, Any]) -> None:
    """Every server's words about roles are recognised, and not taken for those about length."""
    words = wordings.words_of(error["body"])
    assert wordings.is_about_roles(words)
    assert not wordings.is_too_long(words)


@pytest.mark.parametrize(
    ("words", "too_long"),
    [
        ("The message 'my essay on \"the context window is full\"' was rejected", False),
        ('Value "why is my prompt too long?" is not allowed here', False),
        ("The user's question ('what does context_length_exceeded mean, doc?') was flagged", False),
        ("Upstream failed with 'context_length_exceeded'", True),
        ("Error code: 400 - {'error': {'message': 'Input is too long for requested model.', 'type': 'x'}}", True),
        ('400: "the input length exceeds the context length"', True),
        ("This model's maximum context length is 4096 tokens, the messages' are 5000", True),
    ],
)
def test_quoted_words_of_the_user_are_not_the_errors(words: str, too_long: bool) -> None:
    """A code in quotes is the error's, and so is another error that a gateway quotes behind a colon."""
    assert wordings.is_too_long(words) is too_long


@pytest.mark.parametrize("count", ["0", "12", "255"])
def test_a_number_that_is_hardly_a_limit_is_none(count: str) -> None:
    """No model reads fewer than some hundred tokens."""
    assert wordings.limit_in(f"maximum context length is {count} tokens") is None


def test_a_quota_is_told_from_a_rate() -> None:
    """Gemini has the same words for both, but names a time only for the rate."""
    words = wordings.words_of({"message": "You exceeded your current quota, please check your plan."})
    assert wordings.is_out_of_quota(words, may_wait=False)
    assert not wordings.is_out_of_quota(words, may_wait=True)
    words = wordings.words_of({"message": "You exceeded your current quota.", "code": "insufficient_quota"})
    assert wordings.is_out_of_quota(words, may_wait=True)
    assert wordings.is_out_of_quota("Insufficient Balance", may_wait=False)
    assert not wordings.is_out_of_quota("Rate limit reached", may_wait=False)


@pytest.mark.parametrize(
    "message",
    [
        "API version not supported",
        "Missing required query parameter: api-version",
        "Model {modelName} is enabled only for api versions 2024-12-01-preview and later",
        "Invalid API version",
    ],
)
def test_a_refused_version_of_azures_api_is_recognised(message: str) -> None:
    """Azure has several sentences about it."""
    assert wordings.is_about_api_version(wordings.words_of({"code": "BadRequest", "message": message}))


def test_a_content_filter_is_recognised() -> None:
    """Azure's filter refuses a prompt with a code."""
    message = "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
    assert wordings.is_filtered(wordings.words_of({"message": message, "code": "content_filter", "status": 400}))
    assert not wordings.is_filtered(wordings.words_of({"message": "Invalid value."}))


def test_words_are_bounded() -> None:
    """Neither depth nor length of a body makes work."""
    deep: object = "too long"
    for _ in range(100):
        deep = {"error": deep}
    assert wordings.words_of(deep) == ""
    assert len(wordings.words_of({"message": "x" * 100_000})) == 2000
