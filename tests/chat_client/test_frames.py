"""The frames of the websocket, as text and as records."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chat.api.ai_sdk import frames as site
from chat.domain.exceptions import TooManyTurns, TurnInProgress as SiteIsBusy
from chat_client import NotUnderstood, TurnInProgress, frames
from chat_client.frames import Chunk, Complete, Failure, NoActive, Start, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
)
FIELDS = dict.fromkeys(("type", "requestId", "chunk", "errorText", "code", "turnId"), JSON)
KINDS = st.sampled_from(["start", "chunk", "end", "error", "no-active", "newer"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.binary() | JSON.map(json.dumps) | st.fixed_dictionaries({}, optional=FIELDS).map(json.dumps))
def test_whatever_comes_is_a_frame_or_not_understood(received: str | bytes) -> None:
    """Nothing else is raised, neither for text nor for bytes."""
    with suppress(NotUnderstood):
        parse(received)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(KINDS, st.text(max_size=5), st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_a_frame_keeps_its_request_and_chunk(kind: str, request_id: str, more: dict[str, Any]) -> None:
    """Fields that this client does not know are left out, and so are frames."""
    chunk = {**more, "type": "text-delta"}
    sent = {**more, "type": kind, "requestId": request_id, "errorText": "No.", "chunk": chunk, "code": "no"}
    match parse(json.dumps(sent)):
        case Start(found) | Complete(found) | NoActive(found):
            assert (found, kind in {"start", "end", "no-active"}) == (request_id, True)
        case Chunk(found, what):
            assert (found, what) == (request_id, chunk)
        case Failure(found, error):
            assert (found, error.code, error.sentence) == (request_id, "no", "No.")
        case None:
            assert kind == "newer"


def test_deeply_nested_text_is_not_understood() -> None:
    """It ends neither the client nor its stack."""
    with pytest.raises(NotUnderstood):
        parse("[" * 100_000)


def test_the_frames_of_the_site_are_understood() -> None:
    """As the site itself encodes them."""
    assert parse(site.encode(site.Start("r"))) == Start("r")
    assert parse(site.encode(site.End("r"))) == Complete("r")
    assert parse(site.encode(site.NoActive("r"))) == NoActive("r")
    failure = parse(site.encode(site.failure("r", SiteIsBusy("t"))))
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, TurnInProgress)
    assert (failure.error.turn_id, failure.error.retryable, failure.error.retry_after) == ("t", True, None)
    limited = parse(site.encode(site.failure("r", TooManyTurns(30, 59))))
    assert isinstance(limited, Failure)
    assert (limited.error.retryable, limited.error.retry_after) == (True, 59)


def test_the_site_understands_what_is_sent() -> None:
    """Each kind of request, as it decodes them."""
    message = frames.user_message("hi", "m1")
    sent = site.decode(frames.encode(frames.send_frame("s", message, "t1", messageId="m0"), "r"))
    assert isinstance(sent, site.Send)
    assert (sent.requestId, sent.id, sent.messageId, site.named_turn(sent)) == ("r", "s", "m0", "t1")
    assert site.last_user_message(sent.messages) == site.UserMessage("m1", "hi")
    assert site.decode(frames.encode(frames.resume_frame("s"), "r")) == site.Resume("r", "s")
    watched = site.decode(frames.encode(frames.watch_frame("s"), "r"))
    assert watched == site.Resume("r", "s", body=site.ResumeBody("memory"))
    assert site.decode(frames.encode(frames.abort_frame(), "r")) == site.Abort("r")
