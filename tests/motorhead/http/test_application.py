"""What holds of every call: errors are sentences, the token is asked for, Redis may be lost."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.motorhead.conftest import client_of
from tests.support.kit import contents, until, wire
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import Server, running, start_memory_server

WHO = "/sessions/who/memory"


@pytest.mark.parametrize(
    "path",
    ["/sessions?page=0", "/sessions?size=1001", "/sessions?size=%ff", "/sessions?details=yes", "/sessions?order=up",
     "/sessions/a/messages?limit=0", "/sessions/a/messages?limit=201", "/sessions/a/messages?before=x",
     "/sessions/a/summaries?before=-1", "/sessions/%ff/memory", "/sessions/" + "x" * 1025 + "/memory"],
)  # fmt: skip
async def test_a_bad_parameter_gets_a_sentence(memory: httpx.AsyncClient, path: str) -> None:
    """A parameter that cannot be used is answered 400 with a sentence in JSON."""
    response = await memory.get(httpx.URL(str(memory.base_url).rstrip("/") + path))
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")


async def test_a_token_opens_every_call_but_the_watchmens(
    redis_url: str, summary_model: ScriptedOpenAI, tmp_path: Path
) -> None:
    """With a token configured, calls without it are answered 401; `/` stays open."""
    settings = {"OPENAI_BASE_URL": summary_model.url, "MOTORHEAD_TOKEN": "s3cret"}
    with running(start_memory_server(redis_url, tmp_path / "log", None, **settings)) as server:
        async with client_of(server) as client:
            assert (await client.get("/")).status_code == 200
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert (await client.get(WHO, headers={"Authorization": "Bearer wrong"})).status_code == 401
            assert (await client.get(WHO, headers={"Authorization": "Basic s3cret"})).status_code == 401
            for scheme in ("Bearer", "bearer", "BEARER"):
                assert (await client.get(WHO, headers={"Authorization": f"{scheme} s3cret"})).status_code == 200


async def test_a_lost_store_is_answered_503_and_found_again(tmp_path: Path, valkey: Server) -> None:
    """While Redis is away every call is answered 503 with Retry-After; when it is back, so is the memory."""
    from tests.support.servers import start_valkey

    folder = tmp_path / "own"
    folder.mkdir()
    own = start_valkey(folder)
    port = int(own.url.rsplit(":", 1)[1])
    with running(start_memory_server(own.url, tmp_path / "log")) as server:
        async with client_of(server) as client:
            await client.post(WHO, json=wire("kept"))
            own.kill()
            refused = await client.get(WHO)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            assert "Redis" in refused.json()["error"]
            with running(start_valkey(folder, port)):

                async def back() -> bool:
                    return (await client.get(WHO)).status_code == 200

                await until(back)
                assert contents((await client.get(WHO)).json()) == ["kept"]
