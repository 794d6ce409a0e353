"""Under Daphne, a worker begins and ends with the reactor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, REPOSITORY, clean_environment

#: A process with Daphne's reactor that receives SIGTERM as soon as the worker has begun.
PROGRAM = """
import daphne.server, asyncio, os, signal, sys
from twisted.internet import reactor
from chatsite.under_daphne import attend

twice = "twice" in sys.argv

class Worker:
    def begin(self):
        asyncio.get_running_loop()
        print("begun", flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

    async def drain(self):
        await asyncio.sleep(0.01)
        print("drained", flush=True)
        if twice:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)

    async def end(self):
        await asyncio.sleep(0.01)
        print("ended", flush=True)

attend(Worker())
print("attended", flush=True)
asyncio.set_event_loop(reactor._asyncioEventloop)
reactor.run()
"""


@pytest.mark.parametrize("signals", ["once", "twice"])
def test_the_reactor_begins_a_worker_and_waits_for_its_end(signals: str):
    """It begins on the running loop. After SIGTERM it drains, unless a second one comes, and then ends."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, signals],
        cwd=REPOSITORY,
        env=clean_environment({"DJANGO_SETTINGS_MODULE": "chatsite.settings"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * PATIENCE,
    )
    assert done.stdout.split() == ["attended", "begun", "drained", "ended"], done.stderr


#: Errors that Twisted catches, in a process that logs as the site does.
FAILING = """
import daphne.server, django
from django.conf import settings
from twisted.internet import defer, reactor
from twisted.python.failure import Failure
from chatsite.under_daphne import log_errors

django.setup()
log_errors()

def fail(text):
    raise ValueError(text)

def forget(text):
    defer.Deferred().errback(Failure(ValueError(text)))

for what in (fail, forget):
    reactor.callLater(0, what, "canary7f3qz")
reactor.callLater(0.01, reactor.stop)
reactor.run()
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_errors_that_twisted_catches_are_logged_without_their_messages(form: str, tmp_path: Path):
    """Twisted would print them, with the texts of the exceptions, in a form of its own."""
    env = {"CHAT_DATA": str(tmp_path), "CHAT_LOG": form, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
    command = [sys.executable, "-c", FAILING]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=clean_environment(env), capture_output=True, text=True, check=True
    )
    assert done.stderr.count("Twisted caught an error.") == done.stderr.count("ValueError") == 2
    assert "canary7f3qz" not in done.stderr
    if form == "json":
        assert {json.loads(line)["level"] for line in done.stderr.splitlines()} == {"error"}
