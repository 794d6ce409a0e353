"""Prompts for models whose templates have no role for a system text."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage


def without_system(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The same prompt with the system text at the head of the user's first message."""
    match list(messages):
        case [SystemMessage() as system, HumanMessage() as first, *rest]:
            return [HumanMessage(f"{system.text}\n\n{first.text}"), *rest]
        case unchanged:
            return unchanged
