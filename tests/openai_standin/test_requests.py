"""Request bodies: the parts that are read, and the errors for invalid ones."""

from __future__ import annotations

import pytest

from openai_standin.exceptions import RequestError
from openai_standin.requests import CompletionRequest, EmbeddingRequest, decode, require


def test_a_message_may_come_in_parts_or_empty():
    """Text parts are joined, pictures are skipped, and a message without content has no text."""
    parts = b'[{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}]'
    body = b'{"messages": [{"role": "user", "content": %s}, {"role": "user", "content": null}, {"role": "user"}]}'
    assert [message.text for message in decode(body % parts, CompletionRequest, "/x").messages] == ["ab", "", ""]


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        (b'"x"', ["x"]),
        (b'["x", "y"]', ["x", "y"]),
        (b"[1, 2]", ["1 2"]),
        (b"[[1, 2], [3]]", ["1 2", "3"]),
    ],
)
def test_an_embedding_takes_texts_and_token_numbers(given, texts):
    """A flat list of numbers is one text, a list of lists several."""
    assert decode(b'{"input": %s}' % given, EmbeddingRequest, "/x").texts == texts


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"messages": [{"role": 3}]}', "messages[0].role"),
        (b'{"stop": {}}', "stop"),
        (b"[]", ""),
        (b"\xff", None),
        (b'"\\ud800"', None),
        (b"", None),
    ],
)
def test_a_refusal_names_the_field_at_fault(body, param):
    """`param` of OpenAI's error is the field at fault, if there is one."""
    with pytest.raises(RequestError) as refused:
        decode(body, CompletionRequest, "/v1/x")
    assert (refused.value.param or None) == (param or None)
    assert refused.value.status == 400


def test_the_error_names_the_rule():
    """The sentence consists of the field and its rule."""
    require(True, "input", "is empty")
    with pytest.raises(RequestError, match=r"`input` is empty\.") as refused:
        require(False, "input", "is empty")
    assert refused.value.param == "input"
