"""The weights of a whole site."""

from __future__ import annotations

from pathlib import Path

from benchmarks.idle import weigh_site


def test_every_process_of_a_site_that_has_answered_is_weighed(tmp_path: Path) -> None:
    """The supervisor is one of them. The question is asked with the Python client."""
    weights = weigh_site(tmp_path)
    assert set(weights) == {"supervisor", "valkey", "memory.1", "model", "web.1", "web.2"}
    assert min(weights.values()) > 1
