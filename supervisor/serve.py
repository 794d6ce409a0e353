"""``manage.py serve``: lock the data folder, bind the ports, make the plan, and run it until asked to stop."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Sequence
from pathlib import Path

from chatsite.folders import is_full
from supervisor.banner import banner
from supervisor.configured import check_addresses, check_memory_host, configured_data, read_configured
from supervisor.control import Control
from supervisor.exceptions import PortTaken, SupervisorError
from supervisor.folder import hold
from supervisor.lifesigns import Lifesigns
from supervisor.lines import PROCESS, as_json, tell
from supervisor.options import Options, parse_options
from supervisor.plan import Bindings, Configured, Plan, make_plan
from supervisor.ports import free_port, host_name, listen
from supervisor.record import Record
from supervisor.signals import Signals
from supervisor.site import FULL, Site
from telemetry.logs import report_uncaught

#: The stand-in's usual port.
MODEL_PORT = 8081


def main(arguments: Sequence[str]) -> int:
    """Serve until asked to stop. Returns the exit status: 0 after a stop, 1 (with a sentence) if it cannot run."""
    os.umask(0o077)  # files hold keys, password hashes and messages; children inherit this
    try:
        options = parse_options(arguments, _configured_data)
    except SupervisorError as error:
        tell(str(error), "error")
        return 1
    try:
        with Signals() as signals, hold(options.data) as lock:
            _serve(options, lock, signals)
    except SupervisorError as error:
        tell(str(error), "error")
        if is_full(options.data):
            tell(FULL.format(folder=options.data), "error")
        return 1
    return 0


def _configured_data(host: str | None, port: int | None) -> Path:
    """The folder for all stored data, as configured. Raises `BadSettings`."""
    _give_to_settings(CHAT_HOST=host, CHAT_PORT=port)
    return configured_data()


def _give_to_settings(**given: object) -> None:
    """Set the variables that have a value. The settings, here and in the children, read them, here only once."""
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})


def _serve(options: Options, lock: int, signals: Signals) -> None:
    _give_to_settings(CHAT_DATA=options.data, CHAT_HOST=options.host, CHAT_PORT=options.port)
    configured = read_configured()
    if as_json():
        report_uncaught(PROCESS)
    check_memory_host(options.memory_host)
    for warning in check_addresses(configured):
        tell(warning, "warning")
    listening = listen(configured.port, "--port", configured.host)
    with listening as listener, Lifesigns() as lifesigns, Control(options.data) as control:
        plan = make_plan(options, configured, _bindings(options, configured, listener, lock))
        record = Record(options.data, plan.addresses)
        record.remove()  # left behind by a killed supervisor
        site = Site(plan, record, signals, lifesigns, control)
        try:
            if site.start():
                _announce(plan, configured, options)
                site.watch()
        finally:
            # Once the workers have stopped accepting, connections are refused and a proxy tries the next site, rather
            # than waiting for nobody.
            listener.close()
            site.stop()


def _announce(plan: Plan, configured: Configured, options: Options) -> None:
    if as_json():
        tell(f"The chat is up: {plan.addresses.web}")
    else:
        print(banner(plan, configured, options), flush=True)


def _bindings(options: Options, configured: Configured, listener: socket.socket, lock: int) -> Bindings:
    memory_port = 0
    if not configured.memory:
        memory_port = free_port(options.memory_port, "--memory-port", host=options.memory_host)
    model_port = _model_port(options, {memory_port} - {0}) if configured.needs_standin else 0
    valkey_port = free_port(other_than={memory_port, model_port} - {0})
    return Bindings(
        web_port=listener.getsockname()[1],
        web_socket=listener.fileno(),
        memory_port=memory_port,
        valkey_port=valkey_port,
        valkey_password=secrets.token_urlsafe(24),
        model_port=model_port,
        lock=lock,
        host=host_name(),
    )


def _model_port(options: Options, others: Collection[int]) -> int:
    """The stand-in's port. Its usual one may be taken: nothing depends on it but the lines that users copy."""
    if options.model_port is not None:
        return free_port(options.model_port, "--model-port", other_than=others)
    try:
        return free_port(MODEL_PORT, other_than=others)
    except PortTaken:
        port = free_port(other_than=others)
        said = f"Port {MODEL_PORT} is taken. The stand-in model is on port {port} this time"
        tell(f"{said}; choose one with --model-port.", "warning")
        return port
