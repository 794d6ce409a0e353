"""``manage.py serve``: lock the data folder, bind the ports, make the plan, and run it until asked to stop."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Sequence

from supervisor.banner import banner
from supervisor.configured import check_addresses, read_configured
from supervisor.exceptions import SupervisorError
from supervisor.folder import hold, is_full
from supervisor.lifesigns import Lifesigns
from supervisor.options import Options, parse_options
from supervisor.plan import Bindings, Configured, make_plan
from supervisor.ports import free_port, host_name, listen
from supervisor.record import Record
from supervisor.signals import Signals
from supervisor.site import FULL, Site


def main(arguments: Sequence[str]) -> int:
    """Serve until asked to stop. Returns the exit status: 0 after a stop, 1 (with a sentence) if it cannot run."""
    options = parse_options(arguments)
    os.umask(0o077)  # files hold keys, password hashes and messages; children inherit this
    try:
        with Signals() as signals, hold(options.data) as lock:
            _serve(options, lock, signals)
    except SupervisorError as error:
        print(f"serve: {error}", file=sys.stderr)
        if is_full(options.data):
            print(f"serve: {FULL.format(folder=options.data)}.", file=sys.stderr)
        return 1
    return 0


def _serve(options: Options, lock: int, signals: Signals) -> None:
    os.environ["CHAT_DATA"] = str(options.data)  # the settings, here and in the children, read it
    configured = read_configured()
    for warning in check_addresses(configured):
        print(f"serve: {warning}", file=sys.stderr, flush=True)
    with listen(options.port, "--port") as listener, Lifesigns() as lifesigns:
        plan = make_plan(options, configured, _bindings(options, configured, listener, lock))
        record = Record(options.data, plan.addresses)
        record.remove()  # left behind by a killed supervisor
        site = Site(plan, record, signals, lifesigns)
        try:
            if site.start():
                print(banner(plan, configured, options), flush=True)
                site.watch()
        finally:
            site.stop()


def _bindings(options: Options, configured: Configured, listener: socket.socket, lock: int) -> Bindings:
    memory_port = 0 if configured.memory else free_port(options.memory_port, "--memory-port")
    valkey_port = free_port(other_than={memory_port})
    return Bindings(
        web_port=listener.getsockname()[1],
        web_socket=listener.fileno(),
        memory_port=memory_port,
        valkey_port=valkey_port,
        valkey_password=secrets.token_urlsafe(24),
        model_port=free_port(other_than={memory_port, valkey_port}),
        lock=lock,
        host=host_name(),
    )
