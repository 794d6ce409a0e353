"""Fixtures of the link's tests: servers that stand on it."""

from tests.motorhead.conftest import link, summary_model

__all__ = ["link", "summary_model"]
