"""Deleted text is also erased from the disk."""

from __future__ import annotations

from pathlib import Path

from motorhead.store.keys import ERASED, ERASURE
from motorhead.upkeep.erasure import Erasure
from redis_link.link import RedisLink
from tests.motorhead.conftest import client_of
from tests.support.kit import until, wire
from tests.support.servers import running, start_memory_server, start_valkey


def on_disk(folder: Path, text: bytes) -> bool:
    """Whether any part of Redis's append-only file contains ``text``."""
    found = False
    for path in (folder / "appendonlydir").glob("*"):
        try:
            found = found or text in path.read_bytes()
        except FileNotFoundError:
            continue  # just removed by the rewrite
    return found


async def test_after_a_deletion_the_text_leaves_the_append_only_file(tmp_path: Path) -> None:
    """Some time after DELETE, nothing of the session is left on the disk."""
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


async def carried_out(erasure: Erasure, link: RedisLink) -> None:
    """Return once the rewrite was accepted: Redis refuses it while another one is running."""

    async def done() -> bool:
        await erasure.carry_out()
        return not await link.execute("EXISTS", ERASURE)

    await until(done, "the rewrite is still due")


async def rewrites(link: RedisLink) -> int:
    """The number of rewrites requested of Redis."""
    stats = (await link.execute("INFO", "commandstats")).decode()
    found = [line for line in stats.splitlines() if line.startswith("cmdstat_bgrewriteaof:")]
    return int(found[0].split("calls=")[1].split(",")[0]) if found else 0


async def test_rewriting_is_bounded_and_can_be_switched_off(link: RedisLink) -> None:
    """Without a deletion, too soon after the last rewrite, or with 0 seconds, nothing is rewritten."""
    await link.execute("CONFIG", "RESETSTAT")
    await Erasure(link, 60).carry_out()
    never = Erasure(link, 0)
    await never.ask()
    await never.carry_out()
    assert await rewrites(link) == 0
    often = Erasure(link, 60)
    for _ in range(2):
        await often.ask()
        await often.carry_out()
    assert await rewrites(link) == 1
    assert await link.execute("EXISTS", ERASURE), "the second is still due"


async def test_replicas_have_the_file_rewritten_no_more_often_than_one_server(link: RedisLink) -> None:
    """A deletion behind a rewrite waits for the next one, whichever replica carries it out."""
    one, other = Erasure(link, 60), Erasure(link, 60)
    await until(lambda: _is_idle(link), "a rewrite is under way")
    await one.ask()
    await one.carry_out()
    assert not await link.execute("EXISTS", ERASURE)
    await other.ask()
    await other.carry_out()
    assert await link.execute("EXISTS", ERASURE), "the second is still due"
    await link.execute("UNLINK", ERASED)
    await until(lambda: _is_idle(link), "the rewrite goes on")
    await other.carry_out()
    assert not await link.execute("EXISTS", ERASURE)


async def _is_idle(link: RedisLink) -> bool:
    """Whether Redis is not rewriting its file, which it would refuse to do again."""
    found = await link.execute("INFO", "persistence")
    return b"aof_rewrite_in_progress:0" in found and b"aof_rewrite_scheduled:0" in found


async def test_what_is_due_outlives_the_server(link: RedisLink) -> None:
    """Another process, or the next one, carries out a rewrite that this one did not."""
    await link.execute("CONFIG", "RESETSTAT")
    await Erasure(link, 60).ask()
    await carried_out(Erasure(link, 1e-9), link)
    assert await rewrites(link) >= 1


async def test_a_rewrite_that_redis_refuses_stays_due(link: RedisLink) -> None:
    """A rewrite refused because of another one stays due, as that may have begun before the deletion."""
    await link.execute("ACL", "SETUSER", "default", "-bgrewriteaof")
    try:
        erasure = Erasure(link, 1e-9)
        await erasure.ask()
        await erasure.carry_out()
        assert await link.execute("EXISTS", ERASURE)
    finally:
        await link.execute("ACL", "SETUSER", "default", "+bgrewriteaof")
    await carried_out(erasure, link)


async def test_a_full_redis_still_rewrites_its_file(link: RedisLink) -> None:
    """A full Redis refuses the note, so the deleting process remembers the rewrite until it is done."""
    await link.execute("CONFIG", "RESETSTAT")
    erasure = Erasure(link, 1e-9)
    await link.execute("CONFIG", "SET", "maxmemory", "1")
    try:
        await erasure.ask()

        async def rewritten() -> bool:
            await erasure.carry_out()
            return await rewrites(link) > 0

        await until(rewritten, "the file was not rewritten")
    finally:
        await link.execute("CONFIG", "SET", "maxmemory", "0")
    assert not await link.execute("EXISTS", ERASURE)
