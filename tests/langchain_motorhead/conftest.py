"""Fixtures for the chat history: the memory server behind it."""

from tests.motorhead.conftest import memory, served, summary_model

__all__ = ["memory", "served", "summary_model"]
