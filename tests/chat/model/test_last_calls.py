"""What is known of a model without calling it."""

from __future__ import annotations

from chat.domain.exceptions import ModelRefused, ModelStalled, ModelUnreachable, PromptTooLong
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


def test_each_failure_is_reported_by_its_name():
    """The name is the code of the error and, where several share a code, its reason."""
    names: list[str] = []
    calls = LastCalls(names.append)
    calls.succeeded()
    for error in (ModelStalled(), ModelRefused("key"), PromptTooLong()):
        calls.failed(error)
    calls.retried(ModelUnreachable())
    assert calls.state == "ok"
    assert names.pop() == "model_unreachable"
    assert names == ["model_stalled.midway", "model_refused.key", "prompt_too_long.session"]
