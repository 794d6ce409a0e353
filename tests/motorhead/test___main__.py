"""The command line of the memory server."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from motorhead.store.keys import SessionKeys
from motorhead.store.store import Store
from redis_link.link import RedisLink
from tests.support.kit import numbered
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The finished command ``motorhead`` with these arguments, in an environment with these settings."""
    return subprocess.run(
        [sys.executable, "-m", "motorhead", *arguments], cwd=REPOSITORY, env=clean_environment(settings), text=True,
        capture_output=True, timeout=20 * PATIENCE, check=False,
    )  # fmt: skip


def test_help_lists_the_commands() -> None:
    """``--help`` names every command and exits with status 0."""
    done = run("--help")
    assert done.returncode == 0, done.stderr
    assert [verb for verb in ("serve", "import", "fsck") if f"\n    {verb} " not in done.stdout] == []


@pytest.mark.parametrize("arguments", [["remember"], ["import"], ["fsck", "--again"]], ids=" ".join)
def test_a_wrong_command_line_is_refused(arguments: list[str]) -> None:
    """An unknown command or option, or a missing argument, exits with status 2 and a line of usage."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: motorhead")


def test_an_error_is_printed_as_one_line() -> None:
    """An invalid setting ends a command with status 1 and a sentence on standard error."""
    done = run("fsck", MOTORHEAD_MAX_WINDOW_SIZE="many")
    [line] = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith("motorhead: MOTORHEAD_MAX_WINDOW_SIZE ")


async def test_fsck_repairs_only_if_asked_to(store: Store, link: RedisLink, redis_url: str) -> None:
    """``fsck`` reports damage with status 1; ``fsck --mend`` repairs it and exits with status 0."""
    await store.append(b"s", numbered(0, 2), None, b"-", ())
    await link.execute("HSET", SessionKeys(b"s").state, "last", 1)
    done = [
        await asyncio.to_thread(run, "fsck", *options, REDIS_URL=redis_url) for options in ([], ["--mend"], ["--mend"])
    ]
    assert [each.returncode for each in done] == [1, 0, 0]
    assert " 0 findings" in done[-1].stdout


async def test_an_import_takes_its_source_from_the_command_line(link: RedisLink, redis_url: str) -> None:
    """``import`` imports from the address that follows it, into the Redis of the settings."""
    await link.execute("SET", "context:s", "So far.")
    done = await asyncio.to_thread(run, "import", redis_url, REDIS_URL=redis_url)
    assert done.returncode == 0, done.stderr
    assert await link.execute("HGET", SessionKeys(b"s").state, "context") == b"So far."
