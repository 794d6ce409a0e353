"""Fixtures for the link's tests: servers built on it."""

from tests.motorhead.conftest import link, summary_model

__all__ = ["link", "summary_model"]
