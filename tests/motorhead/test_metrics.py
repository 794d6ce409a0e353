"""The metrics of a memory server."""

from __future__ import annotations

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
