"""Bodies of requests: what is read of them, and what is said of those that cannot be read."""

from __future__ import annotations

import pytest

from openai_standin.exceptions import RequestError
from openai_standin.requests import ChatRequest, EmbeddingRequest, TextRequest, decode


def test_a_message_may_come_in_parts_or_empty():
    """Text parts are joined, pictures are skipped, and a message without content has no text."""
    parts = b'[{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}]'
    body = b'{"messages": [{"role": "user", "content": %s}, {"role": "user", "content": null}, {"role": "user"}]}'
    assert [message.text for message in decode(body % parts, ChatRequest, "/x").messages] == ["ab", "", ""]


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
    ("body", "wanted"),
    [(b"{}", False), (b'{"stream_options": null}', False), (b'{"stream_options": {"include_usage": true}}', True)],
)
def test_usage_comes_with_a_stream_where_it_is_asked_for(body, wanted):
    """Only ``include_usage`` asks for it."""
    prompted = body.replace(b"{", b'{"prompt": "x", ', 1).replace(b", }", b"}")
    assert decode(prompted, TextRequest, "/x").wants_usage is wanted


@pytest.mark.parametrize(
    ("kind", "body", "param"),
    [
        (ChatRequest, b'{"messages": []}', "messages"),
        (ChatRequest, b'{"messages": [{"role": 3}]}', "messages[0].role"),
        (TextRequest, b'{"prompt": []}', "prompt"),
        (EmbeddingRequest, b'{"input": "x", "dimensions": 3073}', "dimensions"),
        (EmbeddingRequest, b'{"input": "x", "encoding_format": "hex"}', "encoding_format"),
        (ChatRequest, b"\xff", None),
        (ChatRequest, b'"\\ud800"', None),
    ],
)
def test_a_refusal_names_the_field_at_fault(kind, body, param):
    """`param` of OpenAI's error is the field, where one is at fault."""
    with pytest.raises(RequestError) as refused:
        decode(body, kind, "/v1/x")
    assert refused.value.param == param
    assert refused.value.status == 400
