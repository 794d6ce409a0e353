"""A site of two small children under the real supervisor, run as a process of its own: ``small_site.py DATA [how]``.

Each child writes its name to ``DATA/ends`` when it is asked to end. ``how`` the second one behaves: ``well``,
``crashing`` (ends by itself after it was ready), ``broken`` (ends before), ``deaf`` (ignores SIGTERM).
"""

from __future__ import annotations

import sys
from pathlib import Path

from supervisor.exceptions import ChildFailed
from supervisor.plan import Addresses, Child, Plan
from supervisor.ports import free_port
from supervisor.probes import HttpProbe
from supervisor.record import Record
from supervisor.signals import Signals
from supervisor.site import Site

CHILD = """
import http.server, os, signal, sys, threading
name, how, port, ends = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]

def end(*_):
    with open(ends, "a") as file:
        file.write(name + "\\n")
    if how != "deaf":
        os._exit(0)

signal.signal(signal.SIGTERM, end)
if how == "broken":
    sys.exit(3)
if how == "crashing":
    threading.Timer(0.2, os._exit, [4]).start()
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def child(name: str, how: str, data: Path) -> Child:
    port = free_port()
    command = (sys.executable, "-c", CHILD, name, how, str(port), str(data / "ends"))
    return Child(name, command, HttpProbe(port, "/"))


def main(data: Path, how: str = "well") -> int:
    task = Child("task", (sys.executable, "-c", ""))
    plan = Plan(
        Addresses("http://web", "http://memory", "http://model", "redis://redis"),
        ((child("first", "well", data),), (task, child("second", how, data))),
    )
    with Signals() as signals:
        site = Site(plan, Record(data, plan.addresses), signals)
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
