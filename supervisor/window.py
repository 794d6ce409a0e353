"""The memory server's window in tokens, such that all of it always fits into the chat's prompt.

The two count tokens differently. A text of n characters costs n // 3 + 8 in the chat's prompt, and weighs n // 4 + 4 in
the memory server's window; a text that weighs w therefore costs at most (4 w + 11) / 3. So m messages that weigh W
together cost at most (4 W + 11 m) / 3 and, because each weighs at least 4, at most 9 W / 4.
"""

from __future__ import annotations

from dataclasses import dataclass

#: A text's tokens in the chat's prompt are its characters divided by the first of these, plus the second.
CHARACTERS_PER_TOKEN, TOKENS_PER_MESSAGE = 3, 8
#: The memory server refuses a summary that is longer than its limit in words times this.
CHARACTERS_A_WORD = 20
#: The part of the budget that the window gets at least, however much the rest of the prompt may take.
LEAST_SHARE = 4


@dataclass(frozen=True)
class PromptLimits:
    """The chat's ``budget`` in tokens, the largest texts of a prompt, and the most messages in a window."""

    budget: int
    system_characters: int
    summary_words: int
    message_characters: int
    window_size: int


def window_tokens(limits: PromptLimits) -> int:
    """The most tokens in a window that fits into the prompt beside the other texts, each as large as allowed.

    If the budget leaves too little room beside them, the window gets a quarter of the budget.
    """
    others = (limits.system_characters, limits.summary_words * CHARACTERS_A_WORD, limits.message_characters)
    room = limits.budget - sum(characters // CHARACTERS_PER_TOKEN + TOKENS_PER_MESSAGE for characters in others)
    room = max(room, limits.budget // LEAST_SHARE)
    return max((3 * room - 11 * limits.window_size) // 4, 4 * room // 9)
