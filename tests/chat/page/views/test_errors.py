"""Errors as answers: 400 for what cannot be, with a sentence where it is read."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.support.html import parse


@pytest.mark.parametrize("session_id", ["a.b", "x" * 65, "%20", "caf%C3%A9"])
def test_a_malformed_session_id_gets_a_sentence(visitor, session_id):
    """400, and what an id may be."""
    for path in (f"/s/{session_id}", f"/s/{session_id}/earlier"):
        answer = visitor.get(path)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert "This session id is malformed." in answer.text


@pytest.mark.parametrize("before", ["zzz", "1-x", "-1"])
def test_a_stretch_that_cannot_be_is_the_clients_mistake(visitor, before):
    """400 and a sentence for the page; 503 is for a memory that is away."""
    answer = visitor.get("/s/trip/earlier", params={"before": before})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "#notice" in parse(answer.text).all("hx-partial")[0].attributes["hx-target"]
