"""Under Daphne, a worker begins and ends with the reactor."""

from __future__ import annotations

import subprocess
import sys

from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

#: A process with Daphne's reactor that receives SIGTERM as soon as the worker has begun.
PROGRAM = """
import daphne.server, asyncio, os, signal
from twisted.internet import reactor
from chatsite.under_daphne import attend

class Worker:
    def begin(self):
        asyncio.get_running_loop()
        print("begun", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

    async def end(self):
        await asyncio.sleep(0.01)
        print("ended", flush=True)

attend(Worker())
print("attended", flush=True)
asyncio.set_event_loop(reactor._asyncioEventloop)
reactor.run()
"""


def test_the_reactor_begins_a_worker_and_waits_for_its_end():
    """It begins on the running loop, and after SIGTERM the reactor waits until it has ended."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env=clean_environment({"DJANGO_SETTINGS_MODULE": "chatsite.settings"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )
    assert done.stdout.split() == ["attended", "begun", "ended"], done.stderr
