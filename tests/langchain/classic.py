"""The classic example in any language: its lines, the right answers, and what is remembered of them."""

from __future__ import annotations

import httpx

LINES = ("hi im bob", "whats my name?", "whats for dinner?")


def remembered(memory_server: httpx.Client, memory_id: str) -> list[tuple[str, str]]:
    """The role and text of each message in the session's window, oldest first."""
    messages = memory_server.get(f"/sessions/{memory_id}/memory").json()["messages"]
    return [(message["role"], message["content"]) for message in reversed(messages)]


def is_right(answers: list[str]) -> bool:
    """Whether these are the right answers to the three lines."""
    greeted, named, dinner = answers
    return "Bob" in greeted and named == "Your name is Bob." and dinner.startswith("I do not know")
