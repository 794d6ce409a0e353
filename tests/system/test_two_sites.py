"""Two sites on one Redis Cluster behind nginx, whose processes are killed or restarted while people talk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.machines.scenarios import Size, rolling, weather
from tests.support.machines.storm import kind_of
from tests.support.servers import PATIENCE

pytestmark = [pytest.mark.proxy, pytest.mark.chaos, pytest.mark.timeout(int(240 * PATIENCE))]


async def test_nothing_is_lost_doubled_or_reordered_while_anything_is_killed(tmp_path: Path) -> None:
    """Every remembered turn is there once, in order, as its client shows it; each folded message is in the summary."""
    outcome = await weather(tmp_path, Size(people=12, turns=6, kills=12, slots=100, spare=True, seconds=200 * PATIENCE))
    assert outcome.ledger.faults == []
    assert all(len(person.remembered) >= 6 for person in outcome.people)
    assert outcome.moved > 0
    assert outcome.ledger.folded > 0
    assert "node" in map(kind_of, outcome.killed)


async def test_restarting_both_sites_fails_no_turn(tmp_path: Path) -> None:
    """With 20 seconds to drain, the model is asked for each reply once."""
    outcome = await rolling(tmp_path, Size(people=8, seconds=200 * PATIENCE))
    assert outcome.ledger.faults == []
    assert (outcome.failures, outcome.unsure, outcome.ended) == ({}, 0, {})
    assert set(outcome.asked.values()) == {1}
