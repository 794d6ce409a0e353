"""The Redis of the commands about the secret key."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from chat.management.secret_keys import with_link
from redis_link.link import Link
from tests.support.servers import free_port


async def ping(link: Link) -> object:
    return await link.execute("PING")


def test_a_command_reaches_the_sites_redis(redis_url: str):
    """It gets the result of what it does there."""
    assert with_link(redis_url, ping) == b"PONG"


def test_a_redis_that_is_away_is_a_sentence():
    """It names the variable, and not the password."""
    with pytest.raises(CommandError, match=r"See REDIS_URL\.$") as failed:
        with_link(f"redis://:secret@127.0.0.1:{free_port()}", ping)
    assert "secret" not in str(failed.value)
