"""Choosing a socket's codec by the subprotocols that its client offers."""

from __future__ import annotations

import re

import pytest

from chat.api.ai_sdk.codec import AiSdkCodec
from chat.api.codec import Codec, Query
from chat.api.subprotocols import CODECS, chosen, codec_of
from chat.domain.exceptions import UnknownSubprotocol
from tests.support.servers import REPOSITORY


@pytest.mark.parametrize(
    ("offers", "accepted"),
    [
        ([], None),
        (["ai-sdk.v1", "bearer.x"], "ai-sdk.v1"),
        (["bearer.x", "ai-sdk.v1"], "ai-sdk.v1"),
        (["other", "ai-sdk.v1"], "ai-sdk.v1"),
        (["bearer.x"], "bearer.x"),
        (["bearer."], None),
        (["", "bearer.", "bearer.x"], "bearer.x"),
    ],
)
def test_the_ai_sdk_is_spoken_where_it_is_offered_and_where_nothing_else_is(offers: list[str], accepted: str | None):
    """The AI SDK's codec is also the default without an offer, or with only a token."""
    assert chosen(offers) == accepted
    assert isinstance(codec_of(accepted, {}), AiSdkCodec)


@pytest.mark.parametrize("offers", [["other.v1"], ["bearer.x", "other.v1"], ["other.v1", "other", "bearer.x"]])
def test_an_unknown_subprotocol_is_accepted_to_be_refused(offers: list[str]):
    """The client's first offer except its token is accepted, and the refusal lists the known subprotocols."""
    accepted = chosen(offers)
    assert accepted == "other.v1"
    known = re.escape(", ".join(CODECS))
    with pytest.raises(UnknownSubprotocol, match=rf"no subprotocol 'other\.v1' here.*: {known}\.$") as refused:
        codec_of(accepted, {})
    assert (refused.value.close_code, refused.value.code) == (4400, "unknown_subprotocol")


def test_a_codec_is_made_with_the_query_of_its_address(monkeypatch: pytest.MonkeyPatch):
    """Each socket gets its own codec, made with its address's query."""
    queries: list[Query] = []

    def made(query: Query) -> Codec:
        queries.append(query)
        return AiSdkCodec(query)

    monkeypatch.setitem(CODECS, "test.v1", made)
    codec_of("test.v1", {"offset": ["3"]})
    assert queries == [{"offset": ["3"]}]


def test_every_subprotocol_is_described():
    """For machines, in one of the published descriptions, which tests of their own compare with the code."""
    published = (REPOSITORY / "chat" / "api" / "asyncapi.yaml", REPOSITORY / "docs" / "ag-ui.asyncapi.json")
    texts = [path.read_text() for path in published]
    assert all(any(name in text for text in texts) for name in CODECS)
