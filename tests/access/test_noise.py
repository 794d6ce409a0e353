"""Noise on the websockets: whatever is sent, each socket goes on or is closed with a documented code."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.access.people import People
from tests.access.test_sockets import frame_for, frames_of
from tests.support.examples import examples
from tests.support.servers import PATIENCE, Site
from tests.support.waiting import until

SOON = 15 * PATIENCE
#: Close codes of docs/websocket-api.md and docs/ag-ui.md for what a client sends.
DOCUMENTED = {1000, 1006, 1007, 4008, 4012, 4013, 4015, 4400, 4429}
SOCKETS = ("page", "ai-sdk.v1", "ag-ui.v1")

SMALL = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
JSON = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner), max_leaves=6
)


@st.composite
def mutated(draw: st.DrawFn, socket: str) -> str:
    """A frame of this socket, in which something is missing, is something else, or is cut off."""
    row = draw(st.sampled_from([row for row in frames_of() if row.startswith(socket) and "offset" not in row]))
    frame: dict[str, Any] = frame_for(row, uuid4().hex) or {}
    inner = frame["body"] if socket == "page" else frame
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(inner)) | st.text(max_size=5))
        if draw(st.booleans()):
            inner[name] = draw(JSON)
        else:
            inner.pop(name, None)
        if not inner:
            break
    text = json.dumps(frame)
    return text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 9)) == 0 else text


def frames(socket: str) -> st.SearchStrategy[list[str | bytes]]:
    """What a client might send on this socket, one after another."""
    noise = st.text(max_size=50) | JSON.map(json.dumps) | st.binary(max_size=20)
    return st.lists(mutated(socket) | noise, min_size=1, max_size=8)


def probe(connection: ClientConnection, socket: str) -> int | None:
    """The close code of the socket; None if it still answers."""
    name = uuid4().hex
    asked: dict[str, Any] = (
        {"body": {"type": "ping"}} if socket == "page" else {"type": "abort", "requestId": name, "runId": name}
    )
    with suppress(ConnectionClosed):
        connection.send(json.dumps(asked))
        while True:
            heard = str(connection.recv(timeout=SOON))
            if '"pong"' in heard or "already_finished" in heard:
                return None
    return connection.close_code


def opened(people: People, socket: str) -> ClientConnection:
    """A socket of the owner."""
    bearer = "bearer." + people.owner.headers["Authorization"].removeprefix("Bearer ")
    address = "/ws/session/noise" if socket == "page" else "/ws/v1/chat"
    protocols = [Subprotocol(each) for each in ([bearer] if socket == "page" else [socket, bearer])]
    url = people.site.url.replace("http", "ws", 1) + address
    return connect(url, subprotocols=protocols, proxy=None, open_timeout=SOON, close_timeout=1, max_size=None)


def open_files(pid: int) -> int:
    """The files and sockets that a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid: int) -> int:
    """The bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def tasks_of(pid: int, counts: Path) -> int:
    """The tasks of a process of the site."""
    (counts / str(pid)).unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR2)
    until((counts / str(pid)).exists, 15)
    return int((counts / str(pid)).read_text())


@pytest.mark.parametrize("socket", SOCKETS)
def test_a_socket_answers_whatever_it_is_sent(site: Site, people: People, socket: str, task_counts: Path):
    """Nothing is logged as unexpected, no task or socket is left over, and the memory does not grow."""
    worker, logged = site.pids()["web.1"], len(site.log.read_text())

    @settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
    @given(frames(socket))
    def send(sent: list[str | bytes]) -> None:
        with opened(people, socket) as connection:
            with suppress(ConnectionClosed):
                for each in sent:
                    connection.send(each)
            code = probe(connection, socket)
        assert code is None or code in DOCUMENTED, (code, sent)

    with opened(people, socket) as connection:
        probe(connection, socket)
    tasks = tasks_of(worker, task_counts)
    send()
    files, memory = open_files(worker), resident(worker)
    send()
    until(lambda: tasks_of(worker, task_counts) <= tasks, 15)
    assert site.pids()["web.1"] == worker
    assert open_files(worker) <= files + 5
    assert resident(worker) <= memory + 32 * 2**20
    assert "Traceback" not in site.log.read_text()[logged:]
