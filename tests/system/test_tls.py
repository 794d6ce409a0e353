"""A whole site on a Cluster that takes connections by TLS alone, demands certificates, and grants few rights."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tests.ai_sdk.sockets import resume_frame, send_frame, user_message, visit
from tests.support.blocks import blocks
from tests.support.cluster import running_cluster
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, Server, Site, clean_environment, running, start_site
from tests.support.tls import make_certificates
from tests.support.tls_redis import start_tls_redis, tls_options

pytestmark = pytest.mark.redis


@dataclass(frozen=True)
class Store:
    """A Cluster, by its address for its administrator, for the site, and for somebody without a certificate."""

    administrator: str
    site: str
    stranger: str


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three nodes that know the user of the documentation."""
    certificates = make_certificates(tmp_path_factory.mktemp("certificates"), "localhost", "127.0.0.1")
    (written,) = blocks("deployment.md", "acl")

    def start(folder: Path, port: int, *options: str) -> Server:
        return start_tls_redis(folder, certificates, port, *options)

    with running_cluster([tmp_path_factory.mktemp("node") for _ in range(3)], start=start) as nodes:
        for node in nodes:
            with redis.Redis.from_url(node.server.url) as administrator:
                for command in written.splitlines():
                    administrator.execute_command(*command.split())
        url = nodes[0].server.url
        known = tls_options(certificates).partition("&ssl_certfile")[0]
        yield Store(url, url.replace("//", "//chat:password@", 1), f"{url.partition('?')[0]}?{known}")


@pytest.fixture(scope="module")
def site(store: Store, model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two workers, which may do no more than it needs."""
    settings = {"REDIS_URL": store.site, "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "k"}
    with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "2", **settings)) as site:
        yield site


def motorhead(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command of the memory server, once it has ended."""
    command = [sys.executable, "-m", "motorhead", *arguments]
    return subprocess.run(
        command, cwd=REPOSITORY, env=clean_environment(settings), text=True, capture_output=True,
        timeout=30 * PATIENCE, check=False,
    )  # fmt: skip


async def test_every_part_of_the_site_reaches_it(site: Site, model: ScriptedOpenAI) -> None:
    """Web workers and their subscriptions, memory server and folds: nothing is refused to the documented user."""
    visitor = await visit(site)
    gate = Gate()
    model.enqueue(Reply("one two three", gate=gate, gate_at=1))
    async with visitor.socket() as first:
        await first.send(send_frame("a", "s", user_message("count")))
        begun = await first.until("a", "text-delta")
        async with visitor.socket_apart(begun.pid) as second:
            await second.send(resume_frame("b", "s"))
            followed = await second.until("b", "text-delta")
            gate.release()
            assert (await second.answer("b", followed)).text == (await first.answer("a", begun)).text == "one two three"
            newest, *_ = (await visitor.memory("s"))["messages"]
            await visitor.fold("s", through=newest["id"])
            await visitor.sign_out()
            assert [await socket.close_code() for socket in (first, second)] == [4401, 4401]
    assert "NOPERM" not in site.log.read_text()


def test_the_tools_reach_it(site: Site, store: Store) -> None:
    """The check of the store, and an import from such a Cluster into it."""
    checked = motorhead("fsck", REDIS_URL=store.site)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.endswith("0 findings, 0 left.\n")
    imported = motorhead("import", store.administrator, REDIS_URL=store.site)
    assert (imported.returncode, imported.stdout.splitlines()[0].split()[0]) == (0, "0")


def test_a_client_without_a_certificate_is_refused(store: Store) -> None:
    """The start says so."""
    refused = motorhead(REDIS_URL=store.stranger, MOTORHEAD_PORT="0")
    assert refused.returncode == 1
    assert refused.stderr.startswith("motorhead: Redis at localhost:")
    assert "Traceback" not in refused.stderr
