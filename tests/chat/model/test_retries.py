"""Asking a busy model again."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import ModelBusy, ModelError, ModelFailed, ModelRefused, ModelUnreachable
from chat.model import retries
from chat.model.retries import with_retries


class Failing:
    """Fails with each of ``errors``, then gives "Hi"."""

    def __init__(self, *errors: ModelError) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "Hi"


@pytest.mark.parametrize("error", [ModelBusy("rate", 429), ModelFailed(status=500), ModelUnreachable()])
async def test_a_failure_that_passes_is_not_noticed(monkeypatch: pytest.MonkeyPatch, error: ModelError) -> None:
    """Two failures are retried, a third is reported."""
    monkeypatch.setattr(retries, "PAUSES", (0.001, 0.001))
    assert await with_retries(Failing(error, error)) == "Hi"
    failing, retried = Failing(error, error, error), list[ModelError]()
    with pytest.raises(type(error)):
        await with_retries(failing, retried.append)
    assert failing.asked == 3
    assert retried == [error, error]


async def test_a_wait_that_the_model_wants_is_kept() -> None:
    """A short one is waited for."""
    assert await with_retries(Failing(ModelBusy("rate", 429, 0.01), ModelBusy("rate", 429, 0.01))) == "Hi"


@pytest.mark.parametrize("wait", [2.5, 45, 1e9])
async def test_a_model_that_wants_a_long_wait_is_not_waited_for(wait: float) -> None:
    """The error is reported at once."""
    failing = Failing(ModelBusy("rate", 429, wait))
    with pytest.raises(ModelBusy):
        await with_retries(failing)
    assert failing.asked == 1


async def test_the_waits_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second wait may take only what the first has left."""
    monkeypatch.setattr(retries, "MOST_WAITING", 0.03)
    failing = Failing(ModelBusy("rate", 429, 0.02), ModelBusy("rate", 429, 0.02))
    with pytest.raises(ModelBusy):
        await with_retries(failing)
    assert failing.asked == 2


async def test_a_refusal_is_not_retried() -> None:
    """It would be refused again."""
    failing = Failing(ModelRefused("key", status=401))
    with pytest.raises(ModelRefused):
        await with_retries(failing)
    assert failing.asked == 1
