"""Decoding and encoding of the AI SDK's frames, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.ai_sdk.frames import (
    MAX_FRAME,
    Abort,
    End,
    NoActive,
    Resume,
    Send,
    Start,
    decode,
    encode,
    failure,
    last_user_message,
    new_attempt_id,
    request_id_of,
    turn_id_of,
)
from chat.domain.exceptions import InvalidFrame, InvalidSession, TooManyTurns, TurnInProgress


def user(text: str, **fields: Any) -> dict[str, Any]:
    return {"role": "user", "parts": [{"type": "text", "text": text}], **fields}


def send(*messages: Any, **fields: Any) -> Send:
    frame = {"type": "send", "requestId": "r", "id": "s", "messages": list(messages), **fields}
    decoded = decode(json.dumps(frame))
    assert isinstance(decoded, Send)
    return decoded


def test_the_three_frames_are_understood_and_unknown_keys_ignored():
    """Each client frame decodes to its type, whatever other keys it has."""
    frame = {"requestId": "r", "id": "s", "headers": {"a": "b"}, "metadata": 1, "messages": []}
    assert isinstance(decode(json.dumps({"type": "send", **frame})), Send)
    assert decode(json.dumps({"type": "resume", **frame})) == Resume("r", "s")
    assert decode(json.dumps({"type": "abort", **frame})) == Abort("r")


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ("", "not valid JSON"),
        ("hello", "not valid JSON"),
        ('{"type":"send"', "not valid JSON"),
        (r'{"type":"abort","requestId":"\ud800"}', "not"),
        ('{"type":"send","messages":[' + "[" * 20_000 + "]" * 20_000 + "]}", "nested too deeply"),
        ("[]", "Expected `object`"),
        ("null", "Expected `object`"),
        ("{}", "missing required field `type`"),
        ('{"type":7}', "`str`"),
        ('{"type":"ping"}', "no frame type 'ping'"),
        ('{"type":"abort"}', "missing required field `requestId`"),
        ('{"type":"abort","requestId":""}', "length"),
        ('{"type":"abort","requestId":3}', "`str`"),
        ('{"type":"resume","requestId":"r"}', "missing required field `id`"),
        ('{"type":"resume","requestId":"r","id":"s","lastSequence":-1}', "lastSequence"),
        ('{"type":"send","requestId":"r","id":"s"}', "missing required field `messages`"),
        ('{"type":"send","requestId":"r","id":"s","messages":{}}', "`array`"),
        ('{"type":"send","requestId":"r","id":"s","messages":[],"trigger":"x"}', "no trigger 'x'"),
        ('{"type":"send","requestId":"r","id":"s","messages":[],"body":{"idempotencyKey":1}}', "idempotencyKey"),
        ('{"type":"abort","requestId":"' + "x" * 129 + '"}', "length"),
    ],
)
def test_a_bad_frame_is_answered_by_what_is_wrong_with_it(frame, sentence):
    """An invalid frame raises an error whose sentence names the mistake."""
    with pytest.raises(InvalidFrame, match=sentence) as caught:
        decode(frame)
    assert str(caught.value).endswith(".")


def test_a_frame_above_the_limit_is_refused_before_it_is_read():
    """A frame with too many bytes, even if not characters, is refused with advice."""
    for filling in ("x" * MAX_FRAME, "ä" * (MAX_FRAME // 2)):
        with pytest.raises(InvalidFrame, match="Send only your newest message"):
            decode('{"type":"abort","requestId":"' + filling + '"}')


@pytest.mark.parametrize(
    ("frame", "request_id"),
    [
        ('{"type":"ping","requestId":"r"}', "r"),
        ('{"type":"send","requestId":"r","id":5}', "r"),
        ('{"type":"send","requestId":5}', ""),
        ('{"type":"send","requestId":"' + "x" * 200 + '"}', ""),
        ('{"requestId":"r"}', "r"),
        ('{"type":"send"}', ""),
        ("nonsense", ""),
        ("[1]", ""),
        (r'{"type":"send","requestId":"r","text":"half a character \ud83d"}', "r"),
        (r'{"type":"send","requestId":"\ud83d"}', ""),
    ],
)
def test_a_bad_frame_names_its_request_where_it_can(frame, request_id):
    """The request id of an invalid frame is found if it has one, and is "" otherwise."""
    assert request_id_of(frame) == request_id


def test_only_the_last_message_of_the_user_is_read():
    """Earlier messages are ignored, even if they are not messages at all."""
    frame = send({"role": "user"}, 7, user("old"), user("new", id="m2"), {"role": "assistant", "parts": []})
    message = last_user_message(frame.messages)
    assert (message.id, message.text) == ("m2", "new")


def test_the_texts_of_a_message_are_one():
    """Text parts are joined by line breaks; other parts except files are ignored."""
    parts = [{"type": "text", "text": "a"}, {"type": "data-x", "data": 1}, {"type": "text", "text": "b"}]
    assert last_user_message(send({"role": "user", "parts": parts}).messages).text == "a\nb"


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([], "no user message"),
        ([{"role": "assistant", "parts": []}], "no user message"),
        ([{"role": "user"}], "no text part"),
        ([{"role": "user", "parts": [{"type": "data-x"}]}], "no text part"),
        ([{"role": "user", "parts": [{"type": "file", "url": "data:,"}]}], "Files are not accepted"),
        ([{"role": "user", "parts": [{"type": "text", "text": 5}]}], r"`str`.*text"),
        ([{"role": "user", "parts": "hello"}], "`array`"),
        ([{}], "missing required field `role`"),
        ([None], "`object`"),
    ],
)
def test_a_send_without_words_of_the_user_is_refused(messages, sentence):
    """A send without a user message, or without text in the last one, raises an error."""
    with pytest.raises(InvalidFrame, match=sentence):
        last_user_message(send(*messages).messages)


def turn(frame: Send) -> str:
    return turn_id_of(frame, last_user_message(frame.messages))


def test_the_idempotency_key_names_the_turn():
    """body.idempotencyKey is the turn's id, unchanged."""
    assert turn(send(user("hi", id="m"), body={"idempotencyKey": "k-1", "more": [1]})) == "k-1"


def test_the_same_message_sent_again_is_the_same_turn():
    """Without a key the turn is named after the message's id and text, so that sending it again finds it."""
    first = turn(send(user("hi", id="m")))
    assert turn(send(user("hi", id="m"), requestId="later", body={})) == first
    assert turn(send(user("ho", id="m"))) != first
    assert turn(send(user("hi", id="n"))) != first


def test_a_message_without_an_id_is_always_a_new_one():
    """The same text without an id is a new turn, whatever its requestId, which has no meaning beyond its socket."""
    assert turn(send(user("yes"), requestId="1")) != turn(send(user("yes"), requestId="1"))


def test_a_new_attempt_is_a_turn_of_its_own():
    """Another attempt at a message has an id for each request, different from the first attempt's."""
    frames = [send(user("hi", id="m"), requestId=name) for name in ("a", "b")]
    ids = {new_attempt_id(frame, last_user_message(frame.messages)) for frame in frames}
    assert len(ids | {turn(frames[0])}) == 3


def test_what_is_sent_has_a_type_a_request_and_nothing_empty():
    """Every frame names its request, and a field without a value is absent."""
    assert json.loads(encode(Start("r"))) == {"type": "start", "requestId": "r"}
    assert json.loads(encode(End("r"))) == {"type": "end", "requestId": "r"}
    assert json.loads(encode(NoActive("r"))) == {"type": "no-active", "requestId": "r"}
    refused = json.loads(encode(failure("", InvalidSession())))
    assert refused == {"type": "error", "requestId": "", "errorText": str(InvalidSession()), "code": "invalid_session"}


def test_a_busy_session_names_its_turn():
    """The error for a second turn names the turn that the session is busy with."""
    busy = json.loads(encode(failure("r", TurnInProgress("t"))))
    assert (busy["turnId"], busy["retryable"]) == ("t", True)


def test_a_limit_has_an_end():
    """The error says after how many seconds the same request may succeed."""
    limited = json.loads(encode(failure("r", TooManyTurns(30, 59))))
    assert (limited["retryable"], limited["retryAfter"]) == (True, 59)
