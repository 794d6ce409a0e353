"""The prompt."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from chat.domain.messages import Memory, Message, Window
from chat.turns.prompt import CHARACTERS_PER_TOKEN, build_prompt


def memory(*contents: str, context: str | None = None) -> Memory:
    roles = ("Human", "AI")
    messages = tuple(Message(roles[i % 2], content) for i, content in enumerate(contents))
    return Memory(messages, context, 0, Window(12))


def test_an_empty_memory_gives_the_system_text_and_the_message() -> None:
    """Without a memory the prompt has no heading for a summary."""
    prompt = build_prompt(memory(), "hi", system="Be brief.", budget=1000)
    assert prompt.messages == [SystemMessage("Be brief."), HumanMessage("hi")]
    assert prompt.omitted == 0


def test_summary_recalled_lines_and_window_come_in_this_order() -> None:
    """One system message holds the summary and recalled lines; the window keeps its roles."""
    prompt = build_prompt(
        memory("a", "b", context="Bob lives in Ghent."), "c", system="S", budget=1000, recalled=["Human: I like jazz"]
    )
    system, *rest = prompt.messages
    text = system.text
    assert text.index("S") < text.index("Bob lives in Ghent.") < text.index("Human: I like jazz")
    assert rest == [HumanMessage("a"), AIMessage("b"), HumanMessage("c")]


def test_braces_are_only_text() -> None:
    """Braces in any text are not treated as a template."""
    prompt = build_prompt(memory("{x}", context="{y}"), "{z}", system="{s}", budget=1000, recalled=["{r}"])
    assert [message.text for message in prompt.messages][1:] == ["{x}", "{z}"]
    assert all(part in prompt.messages[0].text for part in ("{s}", "{y}", "{r}"))


def test_a_window_over_the_budget_loses_its_oldest_messages_and_says_how_many() -> None:
    """Over the budget the oldest messages are omitted and counted, never the new one."""
    long = "x" * 100 * CHARACTERS_PER_TOKEN
    prompt = build_prompt(memory(long, long, "short", "newest"), "now", system="", budget=180)
    assert [message.text for message in prompt.messages[1:]] == [long, "short", "newest", "now"]
    assert prompt.omitted == 1
    tight = build_prompt(memory(long, "short"), long, system="", budget=10)
    assert [message.text for message in tight.messages[1:]] == [long]
    assert tight.omitted == 2


def test_the_same_arguments_give_the_same_prompt() -> None:
    """Building a prompt is a pure function."""
    arguments = {"system": "S", "budget": 500, "recalled": ("r",)}
    first = build_prompt(memory("a", context="c"), "t", **arguments)  # type: ignore[arg-type]
    assert first == build_prompt(memory("a", context="c"), "t", **arguments)  # type: ignore[arg-type]
