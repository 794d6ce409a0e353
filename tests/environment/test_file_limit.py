"""The limit on open files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.servers import run_alone

RAISE = "from environment.file_limit import raise_file_limit as run; run()"
#: What servers do when they start.
WEB = "import chatsite.asgi"
MEMORY = """
import asyncio
from unittest.mock import AsyncMock, Mock, patch
from motorhead import __main__
with patch.object(__main__, "serve", AsyncMock()):
    asyncio.run(__main__._run(Mock(command="serve"), Mock()))
"""
SAY = "\nimport resource; print(*resource.getrlimit(resource.RLIMIT_NOFILE))"


def limits_after(program: str, soft: int, hard: int, folder: Path) -> list[int]:
    """The soft and the hard limit of a process that began with others and has run ``program``."""
    limited = f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$@"'
    done = run_alone(["sh", "-c", limited, "sh", sys.executable, "-c", program + SAY], folder)
    assert done.returncode == 0, done.stderr
    return [int(limit) for limit in done.stdout.split()]


@pytest.mark.parametrize(("soft", "hard"), [(256, 2_000), (2_000, 2_000)])
def test_as_many_files_are_allowed_as_the_starter_permits(soft, hard, tmp_path: Path):
    """And never more, nor fewer than before."""
    assert limits_after(RAISE, soft, hard, tmp_path) == [2_000, 2_000]


@pytest.mark.parametrize("program", [WEB, MEMORY], ids=["web", "memory"])
def test_servers_allow_themselves_many_connections(program, tmp_path: Path):
    """One client that opens a thousand connections and sends nothing leaves room for all others."""
    assert limits_after(program, 256, 2_000, tmp_path) == [2_000, 2_000]
