"""n8n's Motorhead node and the test of its credentials, replayed byte by byte: n8n itself is too large to install.

The node runs `MotorheadMemory` of ``@langchain/community``, with the address ``<host>/motorhead``. It sends its API key
only with the test of the credentials, and that test accepts any status from 200 to 299.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import Server, running, start_memory_server

#: The test of the credentials, as axios sends it for n8n.
TEST = (
    "GET {prefix}/keys/current HTTP/1.1\r\nAccept: application/json, text/plain, */*\r\nx-metal-client-id: c1\r\n"
    "x-metal-api-key: {key}\r\nUser-Agent: n8n\r\nAccept-Encoding: gzip, compress, deflate, br\r\n"
    "Host: {host}\r\nConnection: close\r\n\r\n"
)
#: The headers of the node's calls, as Node's fetch sends them.
NODE = (
    "host: {host}\r\nconnection: close\r\nContent-Type: application/json\r\naccept: */*\r\n"
    "accept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\n"
)
LOAD = "GET {prefix}/motorhead/sessions/n8n-1/memory HTTP/1.1\r\n" + NODE + "\r\n"
SAVE = (
    "POST {prefix}/motorhead/sessions/n8n-1/memory HTTP/1.1\r\n" + NODE + "content-length: 91\r\n\r\n"
    '{{"messages":[{{"role":"Human","content":"hi im bob"}},{{"role":"AI","content":"Hello, Bob."}}]}}'
)


async def send(server: Server, request: str, prefix: str = "", key: str = "k1") -> tuple[int, Any]:
    """The status and the JSON of the answer to exactly these bytes."""
    host = server.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rpartition(":")[2]))
    writer.write(request.format(prefix=prefix, host=host, key=key).encode())
    answer = (await reader.read()).decode()
    writer.close()
    return int(answer.split(" ", 2)[1]), json.loads(answer.partition("\r\n\r\n")[2])


@pytest.mark.parametrize("prefix", ["", "/v1", "/", "/v1/"])
async def test_the_node_remembers(served: Server, redis_url: str, prefix: str) -> None:
    """Its test succeeds, and what it saves is loaded again, also if its host ends in the hosted service's ``/v1``.

    A slash behind the host leaves two in the paths.
    """
    assert await send(served, TEST, prefix) == (200, {"status": "Ok"})
    status, loaded = await send(served, LOAD, prefix)
    assert (status, loaded["messages"]) == (200, [])
    assert await send(served, SAVE, prefix) == (200, {"status": "Ok"})
    _, loaded = await send(served, LOAD, prefix)
    assert [message["content"] for message in loaded["messages"]] == ["Hello, Bob.", "hi im bob"]


@pytest.fixture(scope="module")
def guarded(valkey: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A memory server with a token."""
    log: Path = tmp_path_factory.mktemp("motorhead") / "memory.log"
    with running(start_memory_server(valkey.url, log, None, MOTORHEAD_TOKEN="s3cret")) as server:
        yield server


async def test_the_test_of_the_credentials_fails_with_a_wrong_token(guarded: Server) -> None:
    """n8n then shows that the key is wrong; with the right one, the test succeeds."""
    assert (await send(guarded, TEST, key="s3cret"))[0] == 200
    for key in ("s3cre", ""):
        status, answer = await send(guarded, TEST, key=key)
        assert status == 401
        assert "MOTORHEAD_TOKEN" in answer["error"]
