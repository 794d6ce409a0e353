"""Decoding of responses from our memory server, the original and the hosted one."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from chat.domain.details import SessionListing
from chat.domain.messages import FoldState, Message, Window
from chat.memory import wire

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
MILLISECONDS = int(MOMENT.timestamp() * 1000)
HUMAN, AI = {"role": "Human", "content": "hi"}, {"role": "AI", "content": "Hi"}


def test_our_memory_is_read_with_all_that_it_says() -> None:
    """Messages are newest first on the wire, and oldest first when decoded."""
    answer = {
        "messages": [AI | {"id": "2", "created_at": MILLISECONDS}, HUMAN | {"id": "1", "created_at": MILLISECONDS}],
        "context": "so far",
        "tokens": 7,
        "window": {"size": 4, "folded": 3, "folded_at": MILLISECONDS, "fold": "parked", "reason": "No model."},
    }
    decoded = wire.decode(msgspec.json.encode(answer), wire.WireMemory)
    memory = decoded.memory({"etag": '"t"', "session-epoch": "e"}, window_size=12)
    assert memory.messages == (Message("Human", "hi", "1", MOMENT), Message("AI", "Hi", "2", MOMENT))
    assert (memory.context, memory.tokens, memory.epoch, memory.etag) == ("so far", 7, "e", '"t"')
    assert memory.window == Window(4, 3, MOMENT, FoldState.PARKED, "No model.")


@pytest.mark.parametrize("envelope", [False, True])
def test_a_memory_without_additions_is_read_as_well(*, envelope: bool) -> None:
    """Memories without additions are decoded, with and without the hosted server's envelope."""
    answer: object = {"messages": [AI, HUMAN], "context": None, "tokens": 0}
    body = msgspec.json.encode({"data": answer} if envelope else answer)
    memory = wire.decode(body, wire.WireMemory).memory({}, window_size=12)
    assert memory.messages == (Message("Human", "hi"), Message("AI", "Hi"))
    assert (memory.window, memory.epoch, memory.etag) == (Window(12), None, None)


@pytest.mark.parametrize(
    ("context", "summary"), [(None, None), ("", None), ("NONE", None), ("None of it.", "None of it.")]
)
def test_what_says_nothing_is_no_summary(context: str | None, summary: str | None) -> None:
    """An empty context and the original's NONE are no summary."""
    assert wire.WireMemory(context=context).memory({}, 12).context == summary


def test_a_fold_in_a_state_of_tomorrow_is_unknown() -> None:
    """A fold state of a newer server is decoded as unknown."""
    assert wire.WireWindow(12, fold="dreaming").window().fold is FoldState.UNKNOWN


def test_lists_are_of_objects_or_of_ids() -> None:
    """Listed sessions are objects, or only ids on the original."""
    body = msgspec.json.encode(["a", {"id": "b", "title": "hi", "messages": 2, "created_at": MILLISECONDS}])
    bare, described = wire.decode(body, list[wire.WireSession | str])
    assert bare == "a"
    assert isinstance(described, wire.WireSession)
    assert described.listing() == SessionListing("b", "hi", 2, MOMENT, None)


def test_pages_and_versions_are_turned_to_types() -> None:
    """Pages are turned to oldest first, versions keep their order."""
    page = wire.decode(msgspec.json.encode({"messages": [AI, HUMAN], "before": "7"}), wire.WireMessages).page()
    assert (page.messages, page.before) == ((Message("Human", "hi"), Message("AI", "Hi")), "7")
    versions = {
        "summaries": [{"version": 2, "context": "c", "created_at": MILLISECONDS, "tokens": 3, "source": "fold"}]
    }
    [version] = wire.decode(msgspec.json.encode(versions), wire.WireSummaries).summaries
    assert version.summary().created_at == MOMENT
    assert (version.summary().version, version.summary().tokens) == (2, 3)


def test_messages_are_sent_oldest_first_without_what_the_server_gives() -> None:
    """An append contains only roles and contents, oldest first."""
    body = wire.encode_messages([Message("Human", "hi", "1", MOMENT), Message("AI", "Hi")])
    assert msgspec.json.decode(body) == {"messages": [HUMAN, AI]}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"error": "Too many."}', "Too many."),
        (b"Long term memory is disabled", "Long term memory is disabled"),
        (b"", "no reason given"),
        (b"\xff" * 300, "\ufffd" * 200),
    ],
)
def test_an_errors_sentence_is_found_in_any_answer(body: bytes, sentence: str) -> None:
    """The sentence of an error response is found, or else the beginning of the body is used."""
    assert wire.refusal_of(body).error == sentence


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": 3}', b'{"messages": 3}', b"[]"])
def test_what_is_no_answer_cannot_be_decoded(body: bytes) -> None:
    """Anything else raises `msgspec.DecodeError`."""
    with pytest.raises(msgspec.DecodeError):
        wire.decode(body, wire.WireMemory)
