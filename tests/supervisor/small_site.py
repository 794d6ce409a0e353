"""A site of two small children under the real supervisor, run as a separate process: ``small_site.py DATA [how]``.

Each child writes its name to ``DATA/ends`` when it is asked to end. ``how`` says what the second one does: ``well``,
``crashing`` (ends on its own once the site is up), ``hasty`` (ends on its own, once, while the rest of its stage is
starting), ``broken`` (ends before it is ready), ``unready`` (answers 503), ``deaf`` (ignores SIGTERM).
"""

from __future__ import annotations

import sys
from pathlib import Path

from chatsite import folders
from supervisor.control import Control
from supervisor.exceptions import ChildFailed
from supervisor.lifesigns import Lifesigns
from supervisor.plan import Addresses, Child, Plan
from supervisor.ports import free_port
from supervisor.probes import HttpProbe
from supervisor.record import Record
from supervisor.signals import Signals
from supervisor.site import Site

CHILD = """
import http.server, os, signal, sys, threading, time
name, how, port, data = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]

def end(*_):
    with open(data + "/ends", "a") as file:
        file.write(name + "\\n")
    if how != "deaf":
        os._exit(0)

def crash():
    while not os.path.exists(data + "/serve.json"):
        time.sleep(0.01)
    os._exit(4)

signal.signal(signal.SIGTERM, end)
if how == "broken":
    sys.exit(3)
if how == "crashing":
    threading.Thread(target=crash).start()
class Unready(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_error(503)

answer = Unready if how == "unready" else http.server.SimpleHTTPRequestHandler
server = http.server.HTTPServer(("127.0.0.1", port), answer)
if how == "hasty" and not os.path.exists(data + "/hasty"):
    server.handle_request()
    open(data + "/hasty", "w").close()
    os._exit(5)
server.serve_forever()
"""

#: Ends a while after the hasty child.
LONG_TASK = """
import os, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
time.sleep(0.3)
"""


def child(name: str, how: str, data: Path, port: int) -> Child:
    command = (sys.executable, "-c", CHILD, name, how, str(port), str(data))
    return Child(name, command, HttpProbe(port, "/"), unready_after=0.1 if how == "unready" else None)


def main(data: Path, how: str = "well") -> int:
    first = free_port()
    second = free_port(other_than={first})
    task = Child("task", (sys.executable, "-c", LONG_TASK if how == "hasty" else "", str(data / "hasty")))
    plan = Plan(
        Addresses("http://web", "http://memory", "http://model", "redis://redis"),
        ((child("first", "well", data, first),), (task, child("second", how, data, second))),
    )
    if how == "full":
        folders.LEAST_SPACE = 2**62
    impatient = {"silence": 1.0, "questions": 0.2} if how == "hanging" else {}
    with Signals() as signals, Lifesigns(**impatient) as lifesigns, Control(data) as control:
        site = Site(plan, Record(data, plan.addresses), signals, lifesigns, control)
        try:
            if site.start():
                site.watch()
        except ChildFailed as error:
            print(error, flush=True)
            return 1
        finally:
            site.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
