"""The behaviour that a door expects of every codec."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

import pytest

from chat.api.codec import Close, Codec, Output, Query
from chat.api.subprotocols import CODECS
from chat.domain.events import Restarted, TextDelta, TurnFinished, TurnStarted
from chat.domain.exceptions import AccessDenied, InvalidFrame, RunLogUnreachable
from chat.domain.runs import Cursor, Entry
from tests.chat.api.scripted_runs import past

STARTED, DELTA, FINISHED = TurnStarted("t", "hi", "web.1", 1), TextDelta("Hi."), TurnFinished("Hi.")


@pytest.fixture(params=CODECS)
def codec(request: pytest.FixtureRequest) -> Codec:
    """Every codec, on a connection without a request in its address."""
    made: Callable[[Query], Codec] = CODECS[request.param]
    return made({})


class Entries:
    """The entries of a turn, which may end with an error."""

    def __init__(self, *script: TurnStarted | TextDelta | TurnFinished | Restarted | Exception) -> None:
        self._script = script
        self.closed = False

    async def read(self) -> AsyncGenerator[Entry]:
        try:
            for seq, each in enumerate(self._script):
                if isinstance(each, Exception):
                    raise each
                yield Entry(Cursor("t", 1, seq), each)
        finally:
            self.closed = True


def test_an_address_that_asks_for_nothing_begins_nothing(codec: Codec):
    """Without a request in its address, a connection begins nothing."""
    assert codec.opening() is None


@pytest.mark.parametrize("frame", ["", "{", "null", "[]", "{}", '"' * 9, "[" * 100_000, r'{"type":"\ud800"}'])
def test_a_malformed_frame_is_refused_in_words(codec: Codec, frame: str):
    """Malformed frames raise `InvalidFrame` and never another error."""
    with pytest.raises(InvalidFrame, match=r"\.$"):
        codec.decode(frame)
    assert codec.request_id_of(frame) == ""


async def test_a_whole_answer_closes_its_entries(codec: Codec):
    """An answer that was read to its end has closed its entries."""
    entries = Entries(STARTED, DELTA, FINISHED)
    outputs = [output async for output in codec.answer("r", entries.read(), past=past())]
    assert "Hi." in "".join(map(str, outputs))
    assert entries.closed


async def test_an_answer_that_nobody_waits_for_closes_its_entries(codec: Codec):
    """An answer that is closed early has closed its entries."""
    entries = Entries(STARTED, DELTA, FINISHED)
    answer = codec.answer("r", entries.read(), past=past())
    async for output in answer:
        if "Hi." in str(output):
            break
    await answer.aclose()
    assert entries.closed


@pytest.mark.parametrize("event", [Restarted(), RunLogUnreachable()])
async def test_nothing_follows_a_close(codec: Codec, event: Restarted | Exception):
    """After a `Close` an answer has no more output."""
    entries = Entries(STARTED, DELTA, event, DELTA, FINISHED)
    outputs = [output async for output in codec.answer("r", entries.read(), past=past())]
    assert not any(isinstance(output, Close) for output in outputs[:-1])
    assert entries.closed


def test_every_failure_is_said(codec: Codec):
    """Every failure has output, even without a request id."""
    denied = AccessDenied("expired")
    said: list[list[Output]] = [list(codec.failure(request_id, denied)) for request_id in ("r", "")]
    assert all("Your visit has expired." in str(outputs) for outputs in said)
