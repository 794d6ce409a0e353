"""The process prints its address, and ends on a signal."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest

from tests.openai_standin.conftest import announced
from tests.support.servers import running, start


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_it_answers_where_it_says(tmp_path: Path, host: str, address: str) -> None:
    """The printed address, also one in brackets, accepts requests at once; SIGTERM ends the process cleanly."""
    settings = {"STANDIN_HOST": host, "STANDIN_PORT": "0", "STANDIN_MODEL": "m"}
    server = start([sys.executable, "-m", "openai_standin"], "", log=tmp_path / "log", env=settings)
    with running(server):
        server.url = announced(server)
        assert server.url.startswith(address)
        assert httpx.get(f"{server.url}/healthz", trust_env=False).json()["model"] == "m"
        assert server.stop() == 0
    log = (tmp_path / "log").read_text()
    assert f"The stand-in model answers at {server.url}/v1 under the name m." in log
    assert "Traceback" not in log
