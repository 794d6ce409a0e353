"""Fixtures of LangChain's memory: the memory server that it speaks to."""

from tests.motorhead.conftest import memory, served, summary_model

__all__ = ["memory", "served", "summary_model"]
