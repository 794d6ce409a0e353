"""What is known of a model without calling it."""

from __future__ import annotations

from chat.domain.exceptions import ModelStalled, PromptTooLong
from chat.model.last_calls import LastCalls


def test_the_last_call_decides():
    """Before the first, nothing is known. A prompt that is too long says nothing against the model."""
    calls = LastCalls()
    seen = [calls.state]
    for error in (None, ModelStalled(), PromptTooLong()):
        if error is None:
            calls.succeeded()
        else:
            calls.failed(error)
        seen.append(calls.state)
    assert seen == ["unknown", "ok", "failing", "ok"]
