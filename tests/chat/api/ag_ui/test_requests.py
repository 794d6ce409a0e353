"""The requests in inputs and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.ag_ui.following import Run
from chat.api.ag_ui.inputs import RunAgentInput, decode
from chat.api.ag_ui.offsets import Offset
from chat.api.ag_ui.requests import TurnOf, request_of, resume_of, run_in, run_of
from chat.api.ai_sdk.message_ids import asked_in, named_turn
from chat.api.codec import Asked, Replaced, ResumeRequest, SendRequest, WatchRequest
from chat.domain.messages import Message

HI = {"id": "m", "role": "user", "content": "hi"}
LONG = "a-unique-message-id"


def remembered(turn: str) -> list[Message]:
    """The messages of a turn in which ``hi`` was said."""
    return [Message("Human", "hi", "1", key=turn), Message("AI", "Hi.", "2", key=turn)]


def sent(*messages: Any, **fields: Any) -> RunAgentInput:
    run = decode(json.dumps({"threadId": "s", "runId": "r", "messages": list(messages), **fields}))
    assert isinstance(run, RunAgentInput)
    return run


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        (sent({**HI, "id": ""}), SendRequest("r", "s", "hi", "r", is_turn=TurnOf("r"))),
        (sent(HI), SendRequest("r", "s", "hi", named_turn("r", "m"), is_turn=TurnOf("r"))),
        (sent(), ResumeRequest("r", "s", past=True)),
        (sent(HI, forwardedProps={"watch": "memory"}), WatchRequest("r", "s")),
    ],
)
def test_a_run_sends_shows_or_watches(run: RunAgentInput, asked: Asked):
    """A message of the user is answered in a turn with the run's name; a short id of it may not be unique."""
    assert request_of(run) == asked


def replaced(*messages: Any, **fields: Any) -> Replaced:
    """What a run with these messages replaces."""
    asked = request_of(sent(*messages, **fields))
    assert isinstance(asked, SendRequest)
    assert asked.replaced is not None
    return asked.replaced


def test_a_message_is_recognised_in_the_memory():
    """By the client's own id in the turn of an earlier run, or by that of a snapshot, with its reply."""
    for message_id, turn in ((LONG, named_turn("earlier", LONG)), ("earlier.message", "earlier")):
        asked = replaced({**HI, "id": message_id})
        assert [asked.is_it(message) for message in remembered(turn)] == [True, True]
        assert [asked.is_it(message) for message in remembered("other")] == [False, False]
        assert asked.was_there == (message_id != LONG)


def test_the_same_words_must_be_the_last_and_others_are_an_edit():
    """Nobody means to erase what another device has said since by asking for another answer."""
    asked = replaced({**HI, "id": LONG})
    assert asked.is_last(Message("Human", "hi"))
    assert not asked.is_last(Message("Human", "ho"))


def test_a_client_that_shows_the_answer_asks_for_none():
    """Unless it has edited the message; the run that was remembered is not answered again, either."""
    turn = named_turn("earlier", LONG)
    question, _ = remembered(turn)
    asked = {**HI, "id": LONG}
    assert replaced(asked, {"id": "earlier.reply", "role": "assistant"}).is_shown(question)
    assert not replaced({**asked, "content": "ho"}, {"id": "earlier.reply", "role": "assistant"}).is_shown(question)
    assert not replaced(asked, {"id": "placeholder", "role": "assistant"}).is_shown(question)
    assert not replaced(asked).is_shown(question)
    assert replaced(asked).is_shown(remembered(named_turn("r", LONG))[0])


def test_a_message_behind_the_newest_reply_is_new():
    """The client has seen all that was said."""
    asked = replaced({"id": "earlier.reply", "role": "assistant"}, {**HI, "id": LONG})
    assert asked.is_newest(remembered("earlier")[1])
    assert not asked.is_newest(remembered("later")[1])
    assert not replaced({**HI, "id": LONG}).is_newest(remembered("earlier")[1])


def test_an_application_may_say_what_is_replaced():
    """Whatever the id of the new message, and whatever was said behind."""
    asked = replaced(HI, forwardedProps={"replace": "earlier.message"})
    question, _ = remembered("earlier")
    assert asked.was_there
    assert asked.is_it(question)
    assert not asked.is_last(question)


def test_a_client_that_may_lack_something_gets_a_snapshot():
    """One without a message, or with part of the answer."""
    assert not run_of(sent(HI)).resumed
    assert run_of(sent()).resumed
    assert run_of(sent(HI, {"id": "r.reply", "role": "assistant", "content": "He"})).resumed


def test_a_client_may_have_ids_of_its_own():
    """Those that are unique name the same messages in a snapshot."""
    messages = [{**HI, "id": each} for each in (LONG, "1", "earlier.message")]
    known = run_of(sent({"role": 7}, *messages)).known
    assert [*known.values()] == [LONG, "earlier.message"]
    assert known[asked_in(named_turn("r", LONG))] == LONG


@pytest.mark.parametrize(
    ("query", "run"),
    [
        ({}, None),
        ({"runId": "r"}, None),
        ({"offset": "-1"}, None),
        ({"runId": "r", "offset": "-1"}, Run("", "r", resumed=True)),
        ({"runId": "r", "offset": "-1", "threadId": "s"}, Run("s", "r", resumed=True)),
        ({"runId": "r", "offset": "s.1.2.3"}, Run("s", "r", Offset("s", 1, 2, 3), resumed=True)),
        ({"runId": "r", "offset": "s.1.2.3", "threadId": "o"}, Run("o", "r", Offset("s", 1, 2, 3), resumed=True)),
    ],
)
def test_an_address_asks_for_what_follows_an_offset(query: dict[str, str], run: Run | None):
    """In the session that it names, or else the offset."""
    assert run_in({name: [value] for name, value in query.items()}) == run


def test_a_run_is_resumed_by_its_name():
    """Its turn has the id of the message besides."""
    asked = resume_of(Run("s", "r"))
    assert asked.is_turn is not None
    assert [asked.is_turn(turn) for turn in ("r", named_turn("r", LONG), "rr", "r.asked-")] == [
        True,
        True,
        False,
        False,
    ]
