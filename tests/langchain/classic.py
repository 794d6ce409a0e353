"""The classic example in any language: where it is documented, its lines, the right answers, what is remembered."""

from __future__ import annotations

import httpx

from tests.support.servers import REPOSITORY, Site, clean_environment

LINES = ("hi im bob", "whats my name?", "whats for dinner?")


def remembered(memory_server: httpx.Client, memory_id: str) -> list[tuple[str, str]]:
    """The role and text of each message in the session's window, oldest first."""
    messages = memory_server.get(f"/sessions/{memory_id}/memory").json()["messages"]
    return [(message["role"], message["content"]) for message in reversed(messages)]


def is_right(answers: list[str]) -> bool:
    """Whether these are the right answers to the three lines."""
    greeted, named, dinner = answers
    return "Bob" in greeted and named == "Your name is Bob." and dinner.startswith("I do not know")


def documented(language: str, first_line: str, site: Site) -> str:
    """The code in docs/langchain.md that begins with ``first_line``, for the addresses of ``site``."""
    blocks = (REPOSITORY / "docs" / "langchain.md").read_text().split(f"```{language}\n")[1:]
    [code] = [block.split("```")[0] for block in blocks if block.startswith(first_line)]
    assert "http://localhost:8080" in code
    return code.replace("http://localhost:8080", site.record()["memory"])


def exported(site: Site) -> dict[str, str]:
    """The environment after the line that the page and the terminal offer, for the addresses of ``site``."""
    return clean_environment({"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": site.record()["model"]})
