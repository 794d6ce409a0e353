"""The limits on open sockets."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManySockets
from chat.sockets.open_sockets import OpenSockets, public_network


def test_a_visitor_has_a_limit():
    """A visitor's sockets above the limit are refused until one of them closes; other visitors are admitted."""
    sockets = OpenSockets(per_visitor=2, per_address=0)
    first, second = sockets.admit("bob", None), sockets.admit("bob", None)
    with pytest.raises(TooManySockets, match="2 connections") as refused:
        sockets.admit("bob", None)
    assert (refused.value.reason, refused.value.close_code) == ("visitor", 4429)
    other = sockets.admit("eve", None)
    sockets.leave(first)
    third = sockets.admit("bob", None)
    for places in (second, third, other):
        sockets.leave(places)
    assert len(sockets) == 0


def test_an_address_has_a_limit():
    """A public address's sockets above the limit are refused, also of different visitors."""
    sockets = OpenSockets(per_visitor=0, per_address=2)
    for owner in ("bob", "eve"):
        sockets.admit(owner, "93.184.216.34")
    with pytest.raises(TooManySockets) as refused:
        sockets.admit("ann", "93.184.216.34")
    assert refused.value.reason == "address"
    sockets.admit("ann", "93.184.216.35")


@pytest.mark.parametrize(("per_visitor", "host"), [(0, "127.0.0.1"), (0, "10.1.2.3"), (0, None), (0, "unix:")])
def test_private_addresses_have_none(per_visitor: int, host: str | None):
    """An address that may be a proxy's is not limited, nor is a visitor if the limit is 0."""
    sockets = OpenSockets(per_visitor, per_address=1)
    for _ in range(5):
        sockets.admit("bob", host)


def test_an_ipv6_network_is_one_address():
    """The addresses of one /64 network count as one."""
    assert public_network("2606:4700::1") == public_network("2606:4700::ffff:2") != public_network("2606:4700:0:1::1")
