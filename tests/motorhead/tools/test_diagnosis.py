"""Diagnosing a session from its facts: the damages, their consequences, and the state after mending."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from motorhead.messages import Message, StoredVersion
from motorhead.store.keys import SessionKeys
from motorhead.tools.diagnosis import COUNTS, TEXTS, Damage, Diagnosis, Facts
from motorhead.tools.weights import Weights

KEYS = SessionKeys(b"s")
VERSION = StoredVersion(2, "told", 1, "fold", None, "4", 1, 20)
#: A version that covers three lost messages.
OUTLIVED = StoredVersion(2, "told", 1, "fold", None, "9", 1, 20)
STATE: dict[str, bytes | None] = dict.fromkeys((*COUNTS, *TEXTS)) | {
    "epoch": b"e", "last": b"6", "folded": b"4", "versions": b"2", "weight": b"30", "folded_weight": b"20",
    "context": b"told", "context_version": b"2", "namespace": b"=n", "created": b"1", "updated": b"1",
}  # fmt: skip
#: The weights of six messages, 5 each.
WEIGHTS = Weights()
for number in range(1, 7):
    WEIGHTS.read(number, Message("Human", "four", str(number), 1))
#: Six messages, four of them folded.
SOUND = Facts(6, STATE, 6, 1, 6, 2, VERSION, 1, set(), {}, True, 99, weights=WEIGHTS)
VECTORS = {"indexed": b"6", "vector_model": b"m", "vector_size": b"4"}

NOT_NUMBER = "its {} is not a number"
DIFFERS = "its summary and watermark are not those of the newest version"
NOT_ONE_KIND = "its vectors are not all of one model and one length, or some are missing"


def diagnosed(state: dict[str, Any], facts: dict[str, Any]) -> Diagnosis:
    """The diagnosis of the sound session with changed ``state`` and ``facts``."""
    return Diagnosis(KEYS, replace(SOUND, state=STATE | state, **facts), "new")


def test_a_sound_session_has_no_damage() -> None:
    """There is no damage and no command to send."""
    diagnosis = diagnosed({}, {})
    assert (diagnosis.damages, diagnosis.commands, diagnosis.state) == ([], [], STATE)


@pytest.mark.parametrize(
    ("state", "facts", "damages", "mended"),
    [
        ({"last": b"5"}, {}, ["the newest messages are not counted"], {"last": b"6"}),
        ({"last": b"x"}, {}, [NOT_NUMBER.format("last")], {"last": b"6"}),
        ({"versions": b"1"}, {}, ["the newest versions of its summary are not counted"], {"versions": b"2"}),
        ({"created": b""}, {}, [NOT_NUMBER.format("created")], {"created": b"99"}),
        ({"tokens": b"-1"}, {}, [NOT_NUMBER.format("tokens")], {"tokens": None}),
        ({"folded": b"7"}, {}, ["the watermark is above the newest message"], {"folded": b"4"}),
        ({"folded": b"x"}, {}, [NOT_NUMBER.format("folded")], {"folded": b"4", "folded_weight": b"20"}),
        ({"folded_weight": b"x"}, {}, [NOT_NUMBER.format("folded_weight")], {"folded_weight": b"20"}),
        ({"weight": b"x"}, {}, [NOT_NUMBER.format("weight")], {"weight": b"30"}),
        ({"weight": b"x"}, {"weights": None}, [NOT_NUMBER.format("weight")], {"weight": b"20"}),
        ({"weight": b"29"}, {}, ["its weight is not that of its messages"], {"weight": b"30"}),
        ({"weight": b"29"}, {"weights": Weights()}, [], {}),
        ({"context": b"NONE"}, {}, ["the summary is NONE"], {"context": b"told"}),
        ({"context": b"other"}, {}, [DIFFERS], {"context": b"told"}),
        ({"context": b"other", "versions": b"3"}, {}, [], {}),
        ({"context": b"\xff", "versions": b"3"}, {}, ["its context is not UTF-8"], {"context": "\ufffd".encode()}),
        ({"folded": b"2"}, {}, [DIFFERS], {"folded": b"4"}),
        (
            {"context": None},
            {"summary": None, "versions_top": 0},
            ["no summary covers the messages below its watermark"],
            {"folded": b"0", "folded_weight": b"0"},
        ),
        (
            {},
            {"summary": OUTLIVED},
            ["its newest version covers more messages than there are"],
            {"folded": b"0", "folded_weight": b"0", "versions": b"3"},
        ),
        ({}, {"messages": 4, "first": 3}, ["the oldest messages, which are folded, are missing"], {"kept_from": b"3"}),
        ({}, {"messages": 4, "first": 3, "set_aside": {1, 2}}, [], {}),
        ({}, {"messages": 5, "set_aside": {5}}, [], {}),
        ({}, {"top": 9}, ["its stream does not accept a message at the next number"], {}),
        ({}, {"namespaces": 0}, ["it is in no namespace"], {}),
        (VECTORS, {"vectors": {b"0/4/m": 24}}, [], {}),
        (VECTORS, {}, ["the vectors do not fit the messages"], dict.fromkeys(VECTORS)),
        (VECTORS, {"vectors": {b"0/4/m": 20}}, [NOT_ONE_KIND], dict.fromkeys(VECTORS)),
        (VECTORS, {"vectors": {b"0/4/m": 24, b"0/4/n": 24}}, [NOT_ONE_KIND], dict.fromkeys(VECTORS)),
        ({}, {"vectors": {b"0/4/m": 24}}, ["it has vectors, but no indexed message"], {}),
        (
            {"epoch": None},
            {},
            ["its state is lost"],
            {"epoch": b"new", "created": b"99", "updated": b"99"},
        ),
        (dict.fromkeys(STATE), {"top": 0, "versions_top": 0}, ["keys without a session"], {}),
        (dict.fromkeys(STATE), {"top": 0, "versions_top": 0, "lasting": False}, [], {}),
    ],
)
def test_damage_is_noted_once_and_mended(
    state: dict[str, Any], facts: dict[str, Any], damages: list[str], mended: dict[str, bytes | None]
) -> None:
    """Each damage is noted once, and only damaged fields and the versions that announce changes are set."""
    diagnosis = diagnosed(state, facts)
    assert diagnosis.damages == [Damage(what) for what in damages]
    changed = {field for field in STATE if diagnosis.state[field] != (STATE | state)[field]}
    assert changed - {"fold_version", "context_version"} == {
        field for field, value in mended.items() if value != (STATE | state)[field]
    }
    assert {field: diagnosis.state[field] for field in mended} == mended
    assert diagnosis.needs_rewriting is ("top" in facts and facts["top"] > 6)


def test_missing_messages_cannot_be_mended() -> None:
    """Missing messages are counted and left as they are."""
    diagnosis = diagnosed({}, {"messages": 4})
    assert diagnosis.damages == [Damage("2 messages are missing", mendable=False)]
    assert diagnosis.commands == []


def test_a_lost_state_is_made_from_the_streams() -> None:
    """The consequences of the loss are not noted again."""
    diagnosis = diagnosed(dict.fromkeys(STATE), {})
    assert diagnosis.damages == [Damage("its state is lost")]
    made = {"last": b"6", "folded": b"4", "folded_weight": b"20", "versions": b"2", "context": b"told"}
    assert {field: diagnosis.state[field] for field in made} == made


@pytest.mark.parametrize(("field", "value"), [("last", b"x"), ("context", b"other"), ("title", b"\xff")])
def test_what_is_overwritten_is_set_aside_before(field: str, value: bytes) -> None:
    """The bytes of an overwritten count, summary or text are kept."""
    commands = diagnosed({field: value}, {}).commands
    aside = commands.index(("HSET", KEYS.damaged, f"state.{field}", value))
    changed = [n for n, command in enumerate(commands) if command[1] == KEYS.state and command[2] == field]
    assert min(changed) > aside
