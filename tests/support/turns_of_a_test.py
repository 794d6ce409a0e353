"""A model and a site that several tests share, one after the other: no turn of a test reaches into the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import redis

from chat.runs.keys import ACTIVE
from tests.support.scripted_openai import ScriptedOpenAI, echo
from tests.support.servers import PATIENCE


@contextmanager
def turns_of_a_test(model: ScriptedOpenAI, redis_url: str, seconds: float = 20) -> Iterator[None]:
    """Give the block a model without scripted replies or earlier requests, and end its turns with it.

    A turn that is left over would use up a reply that the next test has scripted: one whose answer waits at a gate,
    or whose worker was killed, is taken over seconds later and asks the model again. So all gates are opened, and
    further requests echoed.

    Raises `AssertionError`: a turn is still in progress ``seconds`` after the block.
    """
    restore(model)
    yield
    restore(model)
    wait_until_idle(redis_url, seconds)


def restore(model: ScriptedOpenAI) -> None:
    """Make ``model`` as it was at its start."""
    model.default = echo
    model.forget()


def wait_until_idle(redis_url: str, seconds: float = 20) -> None:
    """Return once no turn is in progress in any session. Raises `AssertionError`: one is, after ``seconds``."""
    deadline = monotonic() + seconds * PATIENCE
    with redis.Redis.from_url(redis_url) as client:
        while remaining := client.zrange(ACTIVE, 0, -1):
            assert monotonic() < deadline, f"The test has left turns in progress: {remaining}"
            sleep(0.02)
