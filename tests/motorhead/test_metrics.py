"""The metrics of a memory server."""

from __future__ import annotations

from pathlib import Path

from motorhead.folding.folder import FoldOutcome
from motorhead.metrics import Metrics


def test_everything_is_rendered_with_its_help_and_type() -> None:
    """Each metric has its two comments before its samples; a gauge is computed at each scrape."""
    metrics, value = Metrics(), 1
    metrics.gauge("waiting", "Sessions that wait.", lambda: value)
    value = 2
    text = metrics.render().decode()
    assert "# HELP waiting Sessions that wait.\n# TYPE waiting gauge\nwaiting 2\n" in text
    assert "# TYPE motorhead_appends_total counter\nmotorhead_appends_total 0\n" in text
    assert text.count("# HELP ") == text.count("# TYPE ")
    assert text.endswith("\n")


async def test_a_process_that_shares_its_port_is_named_in_each_sample(tmp_path: Path) -> None:
    """One that has the port for itself is not, and has nobody to answer."""
    sharing, alone = Metrics("memory.1", tmp_path), Metrics()
    sharing.appends.add(3)
    assert b'\nmotorhead_appends_total{process="memory.1"} 3\n' in await sharing.shown()
    await alone.answer_siblings()
    assert b"\nmotorhead_appends_total 0\n" in await alone.shown()


def test_every_outcome_of_a_fold_begins_at_zero() -> None:
    """Prometheus would not see the first failure of a kind that appears with it."""
    text = Metrics().render().decode()
    outcomes = {outcome.name.lower() for outcome in FoldOutcome} | {"store failed", "model failed", "refused"}
    for outcome in outcomes:
        assert f'motorhead_folds_total{{outcome="{outcome}"}} 0\n' in text
    assert text.count("motorhead_folds_total{") == len(outcomes)


def test_the_process_is_measured_too() -> None:
    """Its event loop, its memory and its processor time."""
    text = Metrics().render().decode()
    assert "motorhead_loop_lag_seconds_count 0\n" in text
    assert "\nprocess_resident_memory_bytes " in text
