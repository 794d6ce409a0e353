"""The limits on open sockets."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import TooManySockets
from chat.sockets.open_sockets import OpenSockets


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


def test_an_unknown_address_has_none():
    """It may be a proxy's. A limit of 0 means no limit for a visitor."""
    sockets = OpenSockets(per_visitor=0, per_address=1)
    for _ in range(5):
        sockets.admit("bob", None)
