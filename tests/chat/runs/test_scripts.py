"""The Lua scripts of runs."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.runs import scripts
from redis_link.scripts import Script
from tests.support.servers import REPOSITORY


async def test_a_digest_is_the_one_that_redis_gives(client: Redis) -> None:
    """A script's digest is the one that Redis computes."""
    for script in (scripts.BEGIN, scripts.WRITE, scripts.COMMIT, scripts.FINISH):
        assert await client.script_load(script.source) == script.sha


def test_every_script_of_the_folder_is_one_of_them() -> None:
    """Every Lua file is one of the scripts, and no two are the same."""
    loaded = [each for each in vars(scripts).values() if isinstance(each, Script)]
    written = {path.read_text() for path in (REPOSITORY / "chat" / "runs" / "lua").glob("*.lua")}
    assert {script.source for script in loaded} == written
    assert len(loaded) == len(written)
