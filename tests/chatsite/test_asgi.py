"""The application, run without a server."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.servers import run_alone

#: Runs a lifespan with one request in it.
PROGRAM = """
import asyncio, gc, sys
from chatsite.asgi import application

assert "twisted" not in sys.modules, "Only Daphne needs Twisted."
assert gc.isenabled()

async def live():
    asked, answered = asyncio.Queue(), asyncio.Queue()
    living = asyncio.create_task(application({"type": "lifespan"}, asked.get, answered.put))
    asked.put_nowait({"type": "lifespan.startup"})
    print((await answered.get())["type"])
    await get("/healthz", answered.put)
    print((await answered.get())["status"], (await answered.get())["body"].decode())
    asked.put_nowait({"type": "lifespan.shutdown"})
    while (answer := await answered.get())["type"] == "http.response.body":
        pass
    print(answer["type"])
    await living

async def get(path, send):
    scope = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost")], "query_string": b""}
    asked = asyncio.Queue()
    asked.put_nowait({"type": "http.request"})
    await application(scope, asked.get, send)

asyncio.run(live())
"""


def test_it_lives_from_startup_to_shutdown_and_answers(tmp_path: Path):
    """The worker's own tasks begin and end with the lifespan, even without Redis."""
    done = run_alone([sys.executable, "-c", PROGRAM], tmp_path)
    assert done.stdout.split("\n") == ["lifespan.startup.complete", "200 ok", "lifespan.shutdown.complete", ""], (
        done.stderr
    )
