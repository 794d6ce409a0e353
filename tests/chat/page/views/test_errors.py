"""Errors as responses: 400 with a sentence for invalid requests."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.support.html import parse


@pytest.mark.parametrize("session_id", ["a.b", "x" * 65, "%20", "caf%C3%A9"])
def test_a_malformed_session_id_gets_a_sentence(visitor, session_id):
    """400 for its page and its earlier messages."""
    for path in (f"/s/{session_id}", f"/s/{session_id}/earlier"):
        answer = visitor.get(path)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert "This session id is malformed." in answer.text


@pytest.mark.parametrize("before", ["zzz", "1-x", "-1"])
def test_an_invalid_place_in_the_past_is_a_client_error(visitor, before):
    """400 and a notice for the page; 503 would mean that memory is away."""
    answer = visitor.get("/s/trip/earlier", params={"before": before})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "#notice" in parse(answer.text).all("hx-partial")[0].attributes["hx-target"]
