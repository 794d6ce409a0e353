"""Ports on this machine."""

from __future__ import annotations

import socket

import pytest

from supervisor.exceptions import HostUnusable, PortTaken
from supervisor.ports import FREE_PORTS, free_port, host_name, listen, reachable


def test_a_listener_holds_connections_until_somebody_accepts():
    """A browser that connects before the first worker is up waits; it is not refused."""
    with listen(0, "--port") as listener, socket.create_connection(listener.getsockname(), 1) as early:
        early.sendall(b"early")
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(5) == b"early"


@pytest.mark.parametrize("use", [listen, free_port])
def test_a_taken_port_is_named_with_the_way_out(use):
    """The sentence names the port, and the option to choose another."""
    with listen(0, "--port") as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} is taken .* with --memory-port"):
            use(port, "--memory-port")


def test_a_port_is_not_used_twice():
    """Even if it is free now, because the server that it was chosen for has not started."""
    port = free_port()
    with pytest.raises(PortTaken, match=rf"Port {port} is to be used twice. Choose another port with --model-port."):
        free_port(port, "--model-port", other_than={port})


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("localhost", "localhost")],
)
def test_a_site_on_any_host_is_reached_from_this_machine(host: str, address: str):
    """The address is one to connect to, with brackets as in a URL."""
    assert reachable(host) == address
    with listen(0, "--port", host) as listener:
        socket.create_connection((address.strip("[]"), listener.getsockname()[1]), 1).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_a_host_of_another_machine_is_a_sentence(host: str):
    """Nothing can listen there."""
    with pytest.raises(HostUnusable, match=rf"^Nothing can listen on {host} \(.*\)\. Name a host that is an address"):
        listen(0, "--port", host)


def test_a_free_port_differs_from_those_already_chosen(monkeypatch: pytest.MonkeyPatch):
    """Ports chosen one after another, before any is used, do not collide."""
    first = free_port()
    monkeypatch.setattr("supervisor.ports.FREE_PORTS", range(first, first + 101))
    assert first not in {free_port(other_than={first}) for _ in range(500)}


def test_free_ports_are_outside_the_range_of_outgoing_connections():
    """No client can be assigned the port of a server that is restarting."""
    assert free_port() in FREE_PORTS
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        assert FREE_PORTS.stop <= int(file.read().split()[0])


@pytest.mark.parametrize(
    ("host", "name"), [("chat-a.example", "chat-a.example"), ("a b\n\u00fc", "a-b--"), ("", "localhost")]
)
def test_the_name_of_the_machine_fits_into_a_header(monkeypatch: pytest.MonkeyPatch, host: str, name: str):
    """Odd characters are replaced."""
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert host_name() == name
