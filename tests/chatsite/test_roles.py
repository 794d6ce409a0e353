"""The roles: single processes of a site, as in containers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    Server,
    clean_environment,
    free_port,
    running,
    start,
    wait_for_http,
)

ELSEWHERE = "http://127.0.0.1:1"


def start_role(role: str, port: int, log: Path, path: str, **settings: str) -> Server:
    """A process in this role, once it answers."""
    command = [sys.executable, "-m", "chatsite", role]
    server = start(command, f"http://127.0.0.1:{port}", log=log, env=settings)
    wait_for_http(server, path, 60)
    return server


@pytest.fixture
def site(tmp_path: Path, redis_url: str) -> Iterator[dict[str, Server]]:
    """One process in each role, all of one site."""
    web, memory, model = (free_port() for _ in range(3))
    addresses = {
        "REDIS_URL": redis_url,
        "MOTORHEAD_URL": f"http://127.0.0.1:{memory}",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
        "OPENAI_API_KEY": "none",
    }
    listening = {"CHAT_HOST": "0.0.0.0", "CHAT_PORT": str(web), "CHAT_ALLOWED_HOSTS": "chat.test"}
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(running(start_role(name, port, tmp_path / name, path, **settings)))
            for name, port, path, settings in (
                ("memory", memory, "/readyz", {**addresses, "MOTORHEAD_PORT": str(memory)}),
                ("model", model, "/healthz", {"STANDIN_PORT": str(model)}),
                ("web", web, "/healthz", {**addresses, **listening, "CHAT_DATA": str(tmp_path / "data")}),
            )
        }


def test_three_processes_are_a_site_and_end_when_they_are_asked_to(site: dict[str, Server], tmp_path: Path):
    """The web worker answers to the names that it was given, each says where it answers, and ends with status 0."""
    for name, server in site.items():
        port = urlsplit(server.url).port
        assert f":{port}" in (tmp_path / name).read_text()
    page = site["web"].url
    known, unknown = (httpx.get(page, headers={"Host": host}, trust_env=False) for host in ("chat.test", "else.test"))
    assert (known.status_code, unknown.status_code) == (302, 400)
    assert {name: server.stop() for name, server in site.items()} == {"memory": 0, "model": 0, "web": 0}


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence", "status"),
    [
        (["web", "--port", "1"], {}, "web takes no options: it is configured by environment variables alone.", 2),
        (["web"], {"CHAT_HOST": "0.0.0.0"}, "Set CHAT_PUBLIC_URL to its address", 2),
        (["memory"], {"MOTORHEAD_PORT": "x"}, "MOTORHEAD_PORT is 'x'", 1),
        (["web"], {"MOTORHEAD_URL": ELSEWHERE}, "Set REDIS_URL, OPENAI_API_KEY (or OPENAI_BASE_URL).", 2),
        (
            ["web"],
            {"REDIS_URL": "redis://127.0.0.1:1", "MOTORHEAD_URL": ELSEWHERE, "OPENAI_BASE_URL": ELSEWHERE},
            "See REDIS_URL.",
            1,
        ),
    ],
)
def test_what_a_role_cannot_use_is_a_sentence(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], sentence: str, status: int
):
    """There is no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "chatsite", *arguments],
        cwd=REPOSITORY,
        env=clean_environment({"CHAT_DATA": str(tmp_path), **settings}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout
    assert done.returncode == status
