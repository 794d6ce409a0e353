"""What AG-UI's clients send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat.api.ag_ui import inputs
from chat.api.ag_ui.inputs import Abort, Asking, RunAgentInput, decode, last_asked, replaced_by, run_id_of, watches
from chat.domain.exceptions import InvalidFrame
from chat.domain.sentences import sentence

USER = {"id": "m", "role": "user", "content": "hi"}


def run_of(*messages: dict[str, Any], **fields: Any) -> RunAgentInput:
    decoded = decode(json.dumps({"threadId": "s", "runId": "r", "messages": list(messages), **fields}))
    assert isinstance(decoded, RunAgentInput)
    return decoded


def test_only_the_newest_message_of_the_user_is_read():
    """Whatever else a client sends is ignored, however malformed."""
    broken = {"role": "user", "content": 7}
    run = run_of(broken, USER, {"role": "tool", "content": []}, state=[1], tools="x", context=None, resume={})
    assert (run.threadId, run.runId, last_asked(run.messages)) == ("s", "r", Asking("m", "hi", "", ("",)))


def test_text_may_come_in_parts():
    """The parts are lines of one message."""
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    asking = last_asked(run_of({**USER, "content": parts}).messages)
    assert asking is not None
    assert asking.text == "one\ntwo"


def test_a_run_without_a_message_of_the_user_has_no_text():
    """Such a run shows what is remembered."""
    assert last_asked(run_of().messages) is None
    assert last_asked(run_of({"id": "a", "role": "assistant"}).messages) is None


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ([{"type": "image", "source": {"type": "url", "value": "x"}}], "Files"),
        ([{"type": "binary", "mimeType": "image/png"}], "Files"),
        ([], "text"),
        (7, "malformed"),
        ([{"text": "x"}], "malformed"),
    ],
)
def test_a_message_without_only_text_is_refused(content: Any, word: str):
    """In words."""
    with pytest.raises(InvalidFrame, match=r"\.$") as refused:
        last_asked(run_of({**USER, "content": content}).messages)
    assert word in sentence(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"abort"}',
        '{"type":"ping"}',
        '{"threadId":"s","messages":[]}',
        '{"threadId":"s","runId":"","messages":[]}',
        json.dumps({"threadId": "s", "runId": "r" * 129, "messages": []}),
        '{"threadId":"s","runId":"r","messages":{}}',
    ],
)
def test_what_is_no_run_is_refused(text: str):
    """Neither a run nor the end of one."""
    with pytest.raises(InvalidFrame):
        decode(text)


def test_an_input_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Its bytes count, not its characters."""
    monkeypatch.setattr(inputs, "MAX_INPUT", 90)
    text = json.dumps({"threadId": "s", "runId": "r", "messages": []}, ensure_ascii=False)
    assert decode(text.ljust(90))
    with pytest.raises(InvalidFrame):
        decode(text.replace('"s"', '"' + "ü" * 30 + '"'))


def test_an_abort_names_its_run():
    """And nothing else."""
    assert decode('{"type":"abort","runId":"r"}') == Abort("abort", "r")


def test_a_run_may_watch_the_memory():
    """Other properties are the application's own, whatever they are."""
    assert watches(run_of(forwardedProps={"watch": "memory"}))
    others: list[Any] = [{"a": 1}, [], None, "watch", 7]
    assert not any(watches(run_of(forwardedProps=props)) for props in others)
    with pytest.raises(InvalidFrame):
        watches(run_of(forwardedProps={"watch": "the birds"}))


def reply(message_id: str) -> dict[str, Any]:
    return {"id": message_id, "role": "assistant", "content": "Hel"}


def test_the_messages_around_are_known_by_their_ids():
    """The reply before it, and all that is behind it."""
    run = run_of(reply("a.reply"), {"id": "x", "role": "reasoning"}, USER, {"id": "y", "role": "tool"}, reply("b"))
    assert last_asked(run.messages) == Asking("m", "hi", "a.reply", ("y", "b"))
    for before in ([USER], [{"id": 7, "role": "assistant"}], []):
        asking = last_asked(run_of(*before, USER).messages)
        assert asking is not None
        assert asking.before == ""


def test_a_client_that_has_part_of_the_answer_is_noticed():
    """By the id of a reply of this site that it shows behind the message."""
    for behind, has_reply in (([reply("r.reply")], True), ([reply("mine")], False), ([], False)):
        asking = last_asked(run_of(reply("q.reply"), USER, *behind).messages)
        assert asking is not None
        assert asking.has_reply == has_reply


def test_an_application_may_name_what_is_replaced():
    """By the id of a message; other properties are its own."""
    assert replaced_by(run_of(USER, forwardedProps={"replace": "m", "a": 1})) == "m"
    assert replaced_by(run_of(USER, forwardedProps=[])) is None
    with pytest.raises(InvalidFrame):
        replaced_by(run_of(USER, forwardedProps={"replace": 7}))


def test_the_run_of_a_refused_input_is_known():
    """If it can be read at all."""
    assert run_id_of('{"runId":"r","messages":7}') == "r"
    assert [run_id_of(text) for text in ("", "[]", '{"runId":7}', r'{"runId":"\ud800"}')] == [""] * 4
