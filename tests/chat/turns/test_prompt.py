"""The prompt."""

from __future__ import annotations

import pytest
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
    window = (Message("AI", "{a}"), Message("Human", "{x}"))
    remembered = Memory(window, "{y}", 0, Window(12))
    prompt = build_prompt(remembered, "{z}", system="{s}", budget=1000, recalled=["{r}"])
    assert [message.text for message in prompt.messages][1:] == ["{x}\n\n{z}"]
    assert all(part in prompt.messages[0].text for part in ("{s}", "{y}", "{r}", "{a}"))


def test_a_window_over_the_budget_loses_its_oldest_messages_and_says_how_many() -> None:
    """Over the budget the oldest messages are omitted and counted, never the new one."""
    long = "x" * 100 * CHARACTERS_PER_TOKEN
    prompt = build_prompt(memory(long, long, "short", "newest"), "now", system="", budget=180)
    assert [message.text for message in prompt.messages[1:]] == ["short", "newest", "now"]
    assert long in prompt.messages[0].text
    assert prompt.omitted == 1
    tight = build_prompt(memory(long, "short"), long, system="", budget=10)
    assert [message.text for message in tight.messages[1:]] == [long]
    assert tight.omitted == 2


@pytest.mark.parametrize("roles", ["", "U", "M", "UM", "MU", "MMUM", "UUMMU", "MUUUMM", "UMUMU"])
@pytest.mark.parametrize("budget", [60, 80, 1000])
def test_roles_take_turns_and_the_user_begins(roles: str, budget: int) -> None:
    """However the window is composed and cut, no two neighbours have one role, and no text is lost or doubled."""
    said = [Message("Human" if role == "U" else "AI", f"said {i}") for i, role in enumerate(roles)]
    prompt = build_prompt(Memory(tuple(said), None, 0, Window(12)), "now", system="S", budget=budget)
    system, *rest = prompt.messages
    assert [message.type for message in rest] == ["human", "ai"] * (len(rest) // 2) + ["human"]
    written = "\n\n".join(message.text for message in [system, *rest])
    assert [written.count(message.content) for message in said] == [0] * prompt.omitted + [1] * (
        len(said) - prompt.omitted
    )
    assert rest[-1].text.endswith("now")


def test_neighbours_of_one_role_are_joined_by_a_blank_line() -> None:
    """Two messages of the user in a row become one, the new message included."""
    window = (Message("Human", "a"), Message("AI", "b"), Message("user", "c"))
    prompt = build_prompt(Memory(window, None, 0, Window(12)), "d", system="S", budget=1000)
    assert prompt.messages[1:] == [HumanMessage("a"), AIMessage("b"), HumanMessage("c\n\nd")]


def test_an_answer_that_the_window_begins_with_goes_into_the_system_text() -> None:
    """It has a heading there, and is not counted as left out."""
    window = (Message("AI", "The amp is loud."), Message("Human", "a"), Message("AI", "b"))
    prompt = build_prompt(Memory(window, None, 0, Window(12)), "c", system="S", budget=1000)
    assert prompt.messages[0] == SystemMessage(
        "S\n\nYour answer just before the messages that follow:\nThe amp is loud."
    )
    assert prompt.messages[1:] == [HumanMessage("a"), AIMessage("b"), HumanMessage("c")]
    assert prompt.omitted == 0


@pytest.mark.parametrize(
    "unsaid", [Message("AI", " \n"), Message("Human", ""), Message("tool", "7"), Message("Function", "7")]
)
def test_blank_messages_and_results_of_tools_are_not_in_the_prompt(unsaid: Message) -> None:
    """They do not part the messages around them, and do not count as left out."""
    window = (Message("Human", "a"), unsaid, Message("Human", "b"))
    prompt = build_prompt(Memory(window, None, 0, Window(12)), "c", system="S", budget=1000)
    assert prompt.messages == [SystemMessage("S"), HumanMessage("a\n\nb\n\nc")]
    assert (prompt.included, prompt.omitted) == (2, 0)


@pytest.mark.parametrize("unsaid", [Message("Human", " "), Message("AI", "\n"), Message("tool", "7")])
def test_the_user_begins_whatever_is_before_an_answer(unsaid: Message) -> None:
    """An answer behind a blank message or a tool's goes into the system text; a blank answer has no heading there."""
    window = (unsaid, Message("AI", "The amp is loud."), Message("Human", "a"), Message("AI", "b"))
    prompt = build_prompt(Memory(window, None, 0, Window(12)), "c", system="S", budget=1000)
    assert "The amp is loud." in prompt.messages[0].text
    assert prompt.messages[1:] == [HumanMessage("a"), AIMessage("b"), HumanMessage("c")]
    alone = build_prompt(Memory((unsaid,), None, 0, Window(12)), "c", system="S", budget=1000)
    assert alone.messages == [SystemMessage("S"), HumanMessage("c")]


def test_recalled_lines_take_only_what_the_window_leaves() -> None:
    """No message of the window is omitted for a recalled line; the lines that fit are listed, nearest first."""
    long = "x" * 100 * CHARACTERS_PER_TOKEN
    loaded = memory(long, long)
    for budget, fitting in ((241, []), (348, []), (349, [long]), (356, [long]), (357, [long, "y"])):
        prompt = build_prompt(loaded, "now", system="", budget=budget, recalled=[long, "y"])
        assert (prompt.omitted, list(prompt.recalled)) == (0, fitting), budget


def test_when_the_window_is_too_large_a_few_lines_are_recalled_all_the_same() -> None:
    """While a fold lags, recalled lines take up to an eighth of the budget from the oldest messages."""
    long = "x" * 100 * CHARACTERS_PER_TOKEN
    prompt = build_prompt(memory(long, long, long), "now", system="", budget=300, recalled=["z" * 60, long])
    assert list(prompt.recalled) == ["z" * 60]
    assert prompt.omitted == 1


def test_the_same_arguments_give_the_same_prompt() -> None:
    """Building a prompt is a pure function."""
    arguments = {"system": "S", "budget": 500, "recalled": ("r",)}
    first = build_prompt(memory("a", context="c"), "t", **arguments)  # type: ignore[arg-type]
    assert first == build_prompt(memory("a", context="c"), "t", **arguments)  # type: ignore[arg-type]
