"""Reading a session's state."""

from __future__ import annotations

import re

import pytest

from motorhead.store.scripts import CHECKS
from motorhead.store.state import DIGITS, LARGEST, STATE_FIELDS, parse_fold_state, parse_state
from redis_link.exceptions import StoreRefused

WHOLE = dict(zip(STATE_FIELDS, b"eeee 9 4 2 1 \xc3\x9c. 30 1000 Down. 1 90 40 2 1 3".split(), strict=True))


def read(**changes: bytes | None) -> object:
    return parse_state([{**WHOLE, **changes}[field] for field in STATE_FIELDS])


def test_a_state_is_read_field_by_field() -> None:
    """Each field of the hash has its own attribute: counts as numbers, texts as text."""
    state = parse_state(list(WHOLE.values()))
    assert state is not None
    assert {name: getattr(state, name) for name in STATE_FIELDS} == {
        "epoch": "eeee", "last": 9, "folded": 4, "context_version": 2, "fold_version": 1, "context": "Ü.",
        "tokens": 30, "folded_at": 1000, "reason": "Down.", "parked": True, "weight": 90, "folded_weight": 40,
        "kept_from": 2, "gaps": 1, "withdrawals": 3,
    }  # fmt: skip
    assert (state.unfolded, state.summary_tag) == (4, "eeee-2")


def test_what_is_not_there_yet_has_its_beginning() -> None:
    """A session with only an epoch is empty; without an epoch there is no session."""
    state = parse_state([b"e", *[None] * (len(STATE_FIELDS) - 1)])
    assert state is not None
    assert (state.last, state.folded, state.context, state.folded_at, state.reason, state.kept_from) == (
        0, 0, None, None, None, 1,
    )  # fmt: skip
    assert read(epoch=None) is None


@pytest.mark.parametrize(
    "changes",
    [{"last": b"x"}, {"folded": b"-1"}, {"weight": b"%d" % LARGEST}, {"context": b"\xff"}, {"folded_at": b"1.5"}],
    ids=str,
)
def test_a_damaged_state_is_refused(changes: dict[str, bytes]) -> None:
    """An invalid count, or a text that is not UTF-8, is reported as damage."""
    with pytest.raises(StoreRefused, match="fsck --mend"):
        read(**changes)


def test_a_fold_reads_the_sessions_instructions_as_well() -> None:
    """They are a text, whatever bytes are stored, and empty if there are none."""
    fields: list[bytes | None] = [b"e", *[None] * (len(STATE_FIELDS) - 1)]
    for stored, instructions in ((None, ""), (b"In French.", "In French."), (b"\xff", "\ufffd")):
        state = parse_fold_state([*fields, stored])
        assert state is not None
        assert state.instructions == instructions
    assert parse_fold_state([None] * (len(STATE_FIELDS) + 1)) is None


def test_the_scripts_count_as_far_as_this_does() -> None:
    """The scripts have the same limit for counts."""
    [digits] = re.findall(r"#value <= (\d+)", CHECKS)
    [largest] = re.findall(r"local LARGEST = (\S+)", CHECKS)
    assert (int(digits), float(largest)) == (DIGITS, LARGEST)
