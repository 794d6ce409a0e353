"""The AI SDK's codec: the requests in its frames, and the frames around an answer's chunks."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from chat.api.ai_sdk.codec import ANSWER_RESTARTED, TRY_AGAIN_LATER, AiSdkCodec
from chat.api.codec import AbortRequest, Asked, Close, Output, ResumeRequest, SendRequest
from chat.domain.events import Event, Restarted, TextDelta, TurnFinished, TurnStarted
from chat.domain.exceptions import RunLogUnreachable, RunUnknown, TurnInProgress
from chat.domain.runs import Cursor, Entry

CODEC = AiSdkCodec({})
STARTED = TurnStarted("t", "hi", "web.1", 1)


def decoded(**frame: Any) -> Asked | AbortRequest:
    return CODEC.decode(json.dumps({"requestId": "r", **frame}))


def send(message: dict[str, Any], **fields: Any) -> SendRequest:
    parts = [{"type": "text", "text": "hi"}]
    asked = decoded(type="send", id="s", messages=[{"role": "user", "parts": parts, **message}], **fields)
    assert isinstance(asked, SendRequest)
    return asked


def test_a_send_says_which_turn_it_means():
    """The same message names the same turn, with another attempt for each request."""
    asked, again = send({"id": "m"}), send({"id": "m"}, trigger="regenerate-message")
    assert (asked.request_id, asked.session_id, asked.text) == ("r", "s", "hi")
    assert (asked.retry, again.retry) == (False, True)
    assert again.turn_id == asked.turn_id
    assert asked.attempt_id not in {None, asked.turn_id}


def test_a_message_without_an_id_is_always_a_new_turn():
    """A message without an id is a new turn, since people write the same text twice."""
    assert send({}).turn_id != send({}).turn_id


def test_a_turn_that_the_client_named_has_no_other_attempt():
    """A send with an idempotency key has no attempt id."""
    asked = send({"id": "m"}, body={"idempotencyKey": "k"})
    assert (asked.turn_id, asked.attempt_id) == ("k", None)


def test_resume_and_abort_name_their_session_and_their_request():
    """A resume names its session and request, an abort its request."""
    assert decoded(type="resume", id="s", lastSequence=3) == ResumeRequest("r", "s")
    assert decoded(type="abort") == AbortRequest("r")


async def answered(*script: Event | Exception) -> tuple[list[dict[str, Any] | Close], bool]:
    """The output of an answer, and whether its entries were closed."""
    closed = []

    async def entries() -> AsyncGenerator[Entry]:
        try:
            for seq, each in enumerate(script):
                if isinstance(each, Exception):
                    raise each
                yield Entry(Cursor("t", 1, seq), each)
        finally:
            closed.append(True)

    outputs = [output async for output in CODEC.answer("r", entries())]
    return [read(output) for output in outputs], bool(closed)


def read(output: Output) -> dict[str, Any] | Close:
    if isinstance(output, Close):
        return output
    frame: dict[str, Any] = json.loads(output)
    return frame


async def test_an_answer_is_a_start_and_its_chunks():
    """An answer is a start frame and its chunks, all with the request's id."""
    frames, closed = await answered(STARTED, TextDelta("Hi"), TurnFinished("Hi"))
    types = [frame["chunk"]["type"] if "chunk" in frame else frame["type"] for frame in frames]  # type: ignore[index,operator]
    assert types == ["start", "start", "text-start", "text-delta", "text-end", "finish"]
    assert {frame["requestId"] for frame in frames} == {"r"}  # type: ignore[index]
    assert closed


@pytest.mark.parametrize(("event", "code"), [(Restarted(), ANSWER_RESTARTED), (RunLogUnreachable(), TRY_AGAIN_LATER)])
async def test_an_answer_that_may_go_on_elsewhere_closes(event: Any, code: int):
    """It closes the socket, since the client resumes after a lost connection but ends on an error."""
    frames, closed = await answered(STARTED, event, TextDelta("not said"))
    assert frames[-1] == Close(code)
    assert closed


async def test_an_answer_that_is_gone_raises():
    """`RunUnknown` is raised to the caller, for which it is an error of a send but not of a resume."""
    with pytest.raises(RunUnknown):
        await answered(RunUnknown())


def test_the_frames_that_end_a_request():
    """They are end, no-active and error, which names the turn that the session is busy with."""
    ends = [CODEC.end("r"), CODEC.nothing_to_resume("r"), CODEC.failure("r", TurnInProgress("t"))]
    end, nothing, failed = [json.loads(str(output)) for outputs in ends for output in outputs]
    assert (end, nothing) == ({"type": "end", "requestId": "r"}, {"type": "no-active", "requestId": "r"})
    assert (failed["type"], failed["code"], failed["turnId"]) == ("error", "turn_in_progress", "t")
