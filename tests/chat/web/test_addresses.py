"""The network that a request comes from."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import RequestFactory

from chat.web.addresses import client_network, network_of, network_of_request

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
CLIENT = "93.184.216.34"


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "network"),
    [
        # The peer itself is the client.
        (CLIENT, "", CLIENT),
        (CLIENT, "198.51.100.7", CLIENT),  # its own invention
        ("192.168.1.5", "198.51.100.7", "192.168.1.5"),  # not public, but not a proxy either
        # Behind proxies.
        ("127.0.0.1", CLIENT, CLIENT),
        ("10.1.2.3", f"{CLIENT}, 10.0.0.9", CLIENT),
        ("10.1.2.3", f"198.51.100.7, {CLIENT}", CLIENT),  # the client wrote the first one
        ("10.1.2.3", f"10.0.0.1, {CLIENT}", CLIENT),
        ("10.1.2.3", f"nonsense, {CLIENT},10.0.0.9", CLIENT),
        (None, CLIENT, CLIENT),  # a Unix socket
        ("127.0.0.1", "192.168.1.5", "192.168.1.5"),  # the proxy knows its clients
        ("fd00::1", CLIENT, CLIENT),
        ("::ffff:127.0.0.1", f"::ffff:{CLIENT}", CLIENT),
        # As some proxies write it.
        ("127.0.0.1", f"{CLIENT}:4711", CLIENT),
        ("127.0.0.1", "[2606:4700::1]:4711", "2606:4700::/64"),
        ("127.0.0.1", "[2606:4700::1]", "2606:4700::/64"),
        # Nobody knows.
        ("127.0.0.1", "", None),
        ("127.0.0.1", "10.0.0.4, 10.0.0.9", None),
        # The proxy wrote something else than an address: its clients count together.
        ("127.0.0.1", f"{CLIENT}, unknown", "127.0.0.1"),
        ("10.1.2.3", f"{CLIENT}, junk, 10.0.0.9", "10.0.0.9"),
        (None, "unknown", None),
        (None, "", None),
    ],
)
def test_the_client_is_the_last_that_is_not_a_proxy(peer: str | None, forwarded_for: str, network: str | None):
    """Everything before it may be forged; what a proxy that is not trusted writes does not count."""
    assert client_network(peer, forwarded_for, PROXIES) == network


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "fd00::1", "::1", "unix:", "", None])
def test_without_known_proxies_only_public_addresses_count(peer: str | None):
    """Any other may be a proxy's, and then all clients have it; the header may be forged."""
    assert client_network(peer, CLIENT, ()) is None
    assert client_network(CLIENT, "198.51.100.7", ()) == CLIENT


def test_an_ipv6_client_is_its_network():
    """It can use every address of its /64."""
    near, far = (client_network(peer, "", ()) for peer in ("2606:4700::1", "2606:4700::ffff:2"))
    assert near == far == "2606:4700::/64"
    assert client_network("2606:4700:0:1::1", "", ()) != near


def test_requests_and_sockets_are_of_the_same_network(settings: Any):
    """A header that comes more than once is read as one."""
    settings.CHAT_TRUSTED_PROXIES = PROXIES
    headers = [(b"host", b"x"), (b"x-forwarded-for", b"198.51.100.7"), (b"x-forwarded-for", CLIENT.encode())]
    assert network_of({"client": ["127.0.0.1", 1], "headers": headers}) == CLIENT
    assert network_of({"client": None, "headers": headers}) == CLIENT
    asked = RequestFactory().get("/", headers={"X-Forwarded-For": f"198.51.100.7, {CLIENT}"})
    assert network_of_request(asked) == CLIENT
