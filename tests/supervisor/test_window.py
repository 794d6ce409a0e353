"""The memory server's window in tokens, such that all of it fits into the chat's prompt."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings, strategies as st

from chat.domain.messages import Memory, Message, Window
from chat.turns import prompt
from motorhead.config import FoldSettings
from motorhead.folding import summarizer
from motorhead.folding.window import overflows
from motorhead.messages import weigh
from supervisor import window
from supervisor.window import PromptLimits, window_tokens
from tests.support.servers import REPOSITORY

#: The chat's and the memory server's defaults.
DEFAULTS = PromptLimits(
    budget=12_000, system_characters=89, summary_words=200, message_characters=16_000, window_size=12
)


def omitted(limits: PromptLimits, contents: list[str], text: str) -> int:
    """The messages of the window that do not fit into a prompt whose other texts are as large as allowed."""
    context = "c" * (limits.summary_words * summarizer.CHARACTERS_A_WORD)
    messages = tuple(Message(("Human", "AI")[place % 2], content) for place, content in enumerate(contents))
    loaded = Memory(messages, context, 0, Window(limits.window_size))
    system = "s" * limits.system_characters
    return prompt.build_prompt(loaded, text, system=system, budget=limits.budget, recalled=["r" * 500]).omitted


@settings(deadline=None, max_examples=300)
@given(
    st.integers(1, 40),
    st.lists(st.integers(0, 16_000), min_size=1, max_size=40),
    st.integers(10_000, 60_000),
    st.integers(20, 220),
)
def test_a_window_that_is_not_due_for_a_fold_fits_into_every_prompt(
    size: int, lengths: list[int], budget: int, words: int
) -> None:
    """Nothing is omitted from a prompt unless a fold is due, even beside the largest summary and new message."""
    limits = replace(DEFAULTS, window_size=size, budget=budget, summary_words=words)
    fold = FoldSettings(window_size=size, window_tokens=window_tokens(limits), summary_words=words)
    contents = ["x" * length for length in lengths]
    while overflows(len(contents), sum(map(weigh, contents)), fold):
        contents.pop()
    assert omitted(limits, contents, "t" * limits.message_characters) == 0


def test_the_window_takes_all_the_room_that_the_prompt_has() -> None:
    """A window that weighs only a little more would not fit."""
    fitting, too_heavy = ("x" * (4 * (window_tokens(DEFAULTS) + more - 4)) for more in (0, 40))
    assert omitted(DEFAULTS, [fitting], "t" * 16_000) == 0
    assert omitted(DEFAULTS, [too_heavy], "t" * 16_000) == 1


def test_the_memory_servers_own_default_fits_the_chats() -> None:
    """A memory server and a chat that are started apart, both with their defaults, leave nothing out either."""
    assert window_tokens(DEFAULTS) - 50 < FoldSettings().window_tokens <= window_tokens(DEFAULTS)


def test_a_budget_too_small_for_the_rest_leaves_the_window_a_quarter() -> None:
    """With the default sizes of summary and message, a model with a small context still sees some of the window."""
    small = replace(DEFAULTS, budget=3_000)
    assert window_tokens(small) == (3 * 750 - 11 * 12) // 4
    assert omitted(small, ["x" * 100] * 12, "a question") == 0
    assert window_tokens(replace(small, budget=500, window_size=10_000)) == 4 * 125 // 9


def test_the_advice_for_a_short_context_leaves_nothing_out() -> None:
    """With the limits that the README sets for a context of 4,096 tokens, its window fits into the prompt."""
    written = (REPOSITORY / "README.md").read_text()
    budget, tokens, message, words = (
        int(re.findall(rf"{name}=(\d+)", written)[0])
        for name in (
            *("CHAT_PROMPT_BUDGET", "MOTORHEAD_MAX_WINDOW_TOKENS"),
            *("CHAT_MAX_MESSAGE_CHARS", "MOTORHEAD_SUMMARY_WORDS"),
        )
    )
    limits = replace(DEFAULTS, budget=budget, message_characters=message, summary_words=words)
    assert tokens <= window_tokens(limits)
    assert omitted(limits, ["x" * (4 * (tokens // 12 - 4))] * 12, "t" * message) == 0


def test_both_sides_count_as_this_module_says() -> None:
    """The constants are those of the chat and of the memory server, which the supervisor does not import."""
    assert (window.CHARACTERS_PER_TOKEN, window.TOKENS_PER_MESSAGE) == (
        prompt.CHARACTERS_PER_TOKEN,
        prompt.TOKENS_PER_MESSAGE,
    )
    assert window.CHARACTERS_A_WORD == summarizer.CHARACTERS_A_WORD
    assert [weigh("x" * n) for n in range(8)] == [n // 4 + 4 for n in range(8)]
