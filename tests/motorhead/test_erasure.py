"""Deleted text leaves the disk, too."""

from __future__ import annotations

from pathlib import Path

from motorhead.erasure import Erasure
from motorhead.redis_address import parse_address
from motorhead.redis_link import RedisLink
from tests.motorhead.conftest import client_of
from tests.motorhead.kit import until, wire
from tests.servers import running, start_memory_server, start_valkey


def on_disk(folder: Path, text: bytes) -> bool:
    """Whether any file of Redis's append-only file holds ``text``."""
    found = False
    for path in (folder / "appendonlydir").glob("*"):
        try:
            found = found or text in path.read_bytes()
        except FileNotFoundError:
            continue  # the rewrite has just removed it
    return found


async def test_after_a_deletion_the_text_leaves_the_append_only_file(tmp_path: Path) -> None:
    """Some time after DELETE nothing of the session is on the disk any more."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    with running(start_valkey(folder)) as valkey:
        settings = {"MOTORHEAD_ERASE_SECONDS": "0.1", "MOTORHEAD_SWEEP_SECONDS": "0.1"}
        with running(start_memory_server(valkey.url, tmp_path / "log", None, **settings)) as server:
            async with client_of(server) as client:
                await client.post("/sessions/a/memory", json=wire("canary"))
                assert on_disk(folder, b"canary")
                await client.delete("/sessions/a/memory")

                async def gone() -> bool:
                    return not on_disk(folder, b"canary")

                await until(gone, "the text is still on the disk", seconds=20)


async def test_rewriting_is_bounded_and_can_be_switched_off(redis_url: str) -> None:
    """Without a deletion, soon after the last rewrite, or with 0 seconds, nothing is rewritten."""
    link = RedisLink(parse_address(redis_url))
    await link.open()

    async def rewrites() -> int:
        stats = (await link.execute("INFO", "commandstats")).decode()
        return sum("cmdstat_bgrewriteaof" in line for line in stats.splitlines())

    await link.execute("CONFIG", "RESETSTAT")
    await Erasure(link, 60).carry_out()
    never = Erasure(link, 0)
    never.due = True
    await never.carry_out()
    assert await rewrites() == 0
    often = Erasure(link, 60)
    for _ in range(2):
        often.due = True
        await often.carry_out()
    assert await rewrites() == 1
    assert often.due
    await link.close()
