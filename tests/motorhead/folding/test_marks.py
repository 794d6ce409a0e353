"""The mark for messages that could not be summarised."""

from __future__ import annotations

import pytest

from motorhead.folding.marks import marked


@pytest.mark.parametrize("context", [None, "", "Bob likes tea.", "Bob likes tea.\n"])
def test_a_mark_follows_the_summary_and_counts(context: str | None) -> None:
    """One mark at the end of the summary counts all messages that are missing in it."""
    text = (context or "").rstrip()
    one, three = marked(context), marked(marked(marked(context)))
    assert one.startswith(text)
    assert one.endswith(": 1 message.)")
    assert three == one.replace(": 1 message.", ": 3 messages.")


def test_a_mark_that_is_no_longer_at_the_end_is_text() -> None:
    """A mark that a model has put elsewhere stays there."""
    assert marked(marked(None) + " Bob likes tea.").count("message.)") == 2
