"""The check of the site's Redis, which every start of a site makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command


@pytest.fixture
def store(settings: Any, redis_url: str) -> Iterator[redis.Redis]:
    """The site's Redis, whose settings are put back."""
    settings.REDIS_URL = redis_url
    with redis.Redis.from_url(redis_url) as client:
        yield client
        client.config_set("maxmemory", 0, "maxmemory-policy", "noeviction")


def test_a_redis_that_deletes_sessions_is_refused(store: redis.Redis):
    """The sentence says why, and which variable names that Redis."""
    store.config_set("maxmemory", "100mb", "maxmemory-policy", "allkeys-lru")
    with pytest.raises(CommandError, match=r"deletes sessions when its memory is full .*See REDIS_URL\."):
        call_command("check_store")


def test_what_may_be_lost_is_said(store: redis.Redis, capsys: pytest.CaptureFixture[str]):
    """The site starts all the same."""
    call_command("check_store")
    store.config_set("maxmemory", "100mb", "maxmemory-policy", "volatile-lru")
    call_command("check_store")
    (line,) = capsys.readouterr().err.splitlines()
    assert "deletes what is still needed when its memory is full" in line


def test_without_a_redis_there_is_nothing_to_check(settings: Any):
    """Tables and static files can be prepared anywhere."""
    settings.REDIS_URL = ""
    call_command("check_store")
