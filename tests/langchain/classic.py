"""The classic example, whichever the language: what is said, what is right, and what is remembered of it."""

from __future__ import annotations

import httpx

LINES = ("hi im bob", "whats my name?", "whats for dinner?")


def remembered(memory_server: httpx.Client, memory_id: str) -> list[tuple[str, str]]:
    """Role and text of what the memory server has in the session's window, oldest first."""
    messages = memory_server.get(f"/sessions/{memory_id}/memory").json()["messages"]
    return [(message["role"], message["content"]) for message in reversed(messages)]


def is_right(answers: list[str]) -> bool:
    """Whether the classic three lines were answered as they should be."""
    greeted, named, dinner = answers
    return "Bob" in greeted and named == "Your name is Bob." and dinner.startswith("I do not know")
