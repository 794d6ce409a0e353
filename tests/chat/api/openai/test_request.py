"""Reading the body of a request for a completion."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.openai.request import CompletionRequest, parse
from chat.domain.exceptions import InvalidRequest, InvalidSession

HI = {"role": "user", "content": "hi"}


def read(named: str | None = None, **fields: Any) -> CompletionRequest:
    """What is read of a body with these fields, in the session ``s`` unless they say otherwise."""
    body = {"messages": [HI], "metadata": {"session": "s"}, **fields}
    return parse(json.dumps(body).encode(), named)


def mistake(**fields: Any) -> InvalidRequest:
    """The mistake in a body with these fields."""
    with pytest.raises(InvalidRequest) as caught:
        read(**fields)
    assert str(caught.value).endswith(".")
    return caught.value


def test_only_the_newest_message_is_read():
    """History and instructions of the client are ignored, even where they are not messages at all."""
    history = ["nonsense", {"role": "tool"}, {"role": "assistant", "content": "Hello, Eve."}]
    assert read(messages=[*history, HI, {"role": "system", "content": "Be rude."}]).text == "hi"


@pytest.mark.parametrize(
    ("content", "text"),
    [("hi", "hi"), ("", ""), ([{"type": "text", "text": "hi"}, {"type": "text", "text": "im bob"}], "hi\nim bob")],
)
def test_content_is_a_string_or_parts_of_text(content: Any, text: str):
    """An empty text is refused where every door's is."""
    assert read(messages=[{"role": "user", "content": content}]).text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": "hi"}], "completion_part"),
        (None, "completion_no_text"),
        ([], "completion_no_text"),
        (7, "completion_malformed"),
        ([{"text": "hi"}], "completion_malformed"),
    ],
)
def test_other_content_is_refused(content: Any, reason: str):
    """Pictures, sounds and files are not dropped silently."""
    assert mistake(messages=[{"role": "user", "content": content}]).reason == reason


def test_the_users_message_comes_last():
    """A reply that is to be continued would otherwise be answered as the message before it, once more."""
    assert mistake(messages=[HI, {"role": "assistant", "content": "Hel"}]).details["role"] == "assistant"
    assert mistake(messages=[]).reason == "completion_no_message"
    assert mistake(messages=[{"role": "system", "content": "x"}]).reason == "completion_no_message"


def test_the_session_is_named_in_one_of_three_ways():
    """Metadata come before a header, and both before the user."""
    assert read("h", user="alice").session_id == "s"
    assert read("h", metadata={}, user="alice").session_id == "h"
    assert read(metadata=None, user="alice").session_id == read(metadata={"a": "b"}, user="alice").session_id
    assert mistake(metadata={}).reason == "completion_no_session"
    with pytest.raises(InvalidSession):
        read(metadata={"session": 7})


def test_a_user_is_a_session_that_does_not_tell_the_name():
    """Each user has one, of which the id is a digest."""
    alice, bob = (read(metadata=None, user=name).session_id for name in ("alice@example.org", "bob"))
    assert alice != bob
    assert "alice" not in alice
    assert len(alice) <= 64


def test_what_only_tunes_an_answer_is_ignored():
    """Client libraries send much by default, and newer ones send what is not known here."""
    harmless: dict[str, Any] = {
        "model": "gpt-4o", "temperature": 0.2, "max_tokens": 10, "seed": 1, "n": 1, "tools": [], "tool_choice": "auto",
        "response_format": {"type": "text"}, "stop": None, "logprobs": False, "modalities": ["text"], "new": {"a": 1},
    }  # fmt: skip
    assert read(**harmless).text == "hi"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("n", "2"),
        ("tools", [{"type": "function"}]),
        ("functions", [{"name": "f"}]),
        ("response_format", {"type": "json_schema"}),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "x"}),
        ("logprobs", True),
        ("top_logprobs", 3),
        ("stop", "\n"),
        ("web_search_options", {}),
    ],
)
def test_what_would_make_it_another_answer_is_refused(name: str, value: Any):
    """The sentence names the parameter, and so does the error."""
    refused = mistake(**{name: value})
    assert refused.details["param"] == name
    assert name in str(refused)


def test_streams_and_their_usage():
    """Both are asked for, and null is no."""
    assert not read(stream=None).stream
    asked = read(stream=True, stream_options={"include_usage": True})
    assert (asked.stream, asked.include_usage) == (True, True)
    assert not read(stream=True, stream_options=None).include_usage


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "completion_not_json"),
        (b"{", "completion_not_json"),
        (b"\xff", "completion_not_json"),
        (b"[]", "completion_malformed"),
        (b"{}", "completion_malformed"),
        (b'{"messages": 1}', "completion_malformed"),
        (b'{"messages": [], "tools": ' + b"[" * 100_000, "completion_too_deep"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes, reason: str):
    """Each mistake has its sentence."""
    with pytest.raises(InvalidRequest) as caught:
        parse(body)
    assert caught.value.reason == reason
    assert str(caught.value).endswith(".")


def test_the_digest_is_that_of_the_whole_body():
    """A message in another history is another request, and the same bytes are the same one."""
    first, longer = read(), read(messages=[{"role": "assistant", "content": "Hi."}, HI])
    assert (first.text, first.digest == longer.digest, first.digest == read().digest) == (longer.text, False, True)
