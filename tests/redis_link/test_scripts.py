"""Lua scripts: the digest and the command under which Redis runs them."""

from __future__ import annotations

from redis_link.link import RedisLink
from redis_link.scripts import Script

ECHO = Script.of("return {KEYS[1], KEYS[2], ARGV[1], ARGV[2]}")


async def test_redis_knows_a_script_by_the_same_digest(link: RedisLink) -> None:
    """SCRIPT LOAD returns the digest that the script has here."""
    assert await link.execute("SCRIPT", "LOAD", ECHO.source) == ECHO.sha.encode()


async def test_a_call_passes_keys_and_arguments_apart(link: RedisLink) -> None:
    """The script receives both in order; text, bytes and numbers arrive as bytes."""
    await link.execute("SCRIPT", "LOAD", ECHO.source)
    assert await link.execute(*ECHO.call(["a", b"b"], [3, 0.5])) == [b"a", b"b", b"3", b"0.5"]


def test_the_digest_depends_on_the_source_alone() -> None:
    """Equal sources make equal scripts, other sources other digests; non-ASCII text is allowed."""
    assert Script.of(ECHO.source) == ECHO
    assert Script.of("return 'ö'").sha not in {ECHO.sha, Script.of("return 'o'").sha}
