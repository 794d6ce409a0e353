"""A test on a shared site leaves no turn behind."""

from __future__ import annotations

import pytest
import redis

from chat.runs.keys import ACTIVE
from tests.support.scripted_openai import Reply
from tests.support.turns_of_a_test import turns_of_a_test


def test_replies_are_for_one_test(scripted_openai, redis_url):
    """What a test has scripted is dropped at its end."""
    with turns_of_a_test(scripted_openai, redis_url):
        scripted_openai.enqueue("never used")
        scripted_openai.default = lambda _: Reply("mine")
    assert (scripted_openai.pending, scripted_openai.requests) == (0, [])
    assert scripted_openai.default.__name__ == "echo"


def test_a_turn_that_remains_is_an_error_of_the_test(scripted_openai, redis_url):
    """The sentence names its session."""
    with (
        redis.Redis.from_url(redis_url) as client,
        pytest.raises(AssertionError, match=r"alice\.s"),
        turns_of_a_test(scripted_openai, redis_url, seconds=0),
    ):
        client.zadd(ACTIVE, {"alice.s": 1})
