"""Which requests come from this machine's own user."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from chat.web.loopback import is_from_this_machine


def is_local(peer: str = "127.0.0.1", host: str = "127.0.0.1:8000", **headers: str) -> bool:
    request = RequestFactory().post("/", headers={"Host": host, **headers})
    request.META["REMOTE_ADDR"] = peer
    return is_from_this_machine(request)


@pytest.mark.parametrize(
    ("peer", "host"),
    [("127.0.0.1", "localhost:8000"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]:8000"), ("127.9.9.9", "localhost")],
)
def test_a_browser_on_this_machine_is_local(peer: str, host: str):
    """By any of the machine's names for itself."""
    assert is_local(peer, host)


@pytest.mark.parametrize("peer", ["10.0.0.7", "2001:db8::1", "", "unix", "127.0.0.1.example.org"])
def test_another_machine_is_not(peer: str):
    """Neither is a proxy on a Unix socket, which has no address."""
    assert not is_local(peer)


@pytest.mark.parametrize(
    "host",
    ["chat.example.org", "localhost.example.org", "127.0.0.1.example.org:8000", "10.0.0.7", "", "[::", "a@localhost"],
)
def test_a_foreign_host_is_not(host: str):
    """A page of another site whose name was made to mean this machine sends its own name."""
    assert not is_local(host=host)


@pytest.mark.parametrize(
    "name",
    [
        *("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "x-forwarded-port", "X-Real-IP"),
        *("Via", "X-Original-Host", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"),
    ],
)
def test_what_came_through_a_proxy_is_not(name: str):
    """The client behind it may be anywhere, whatever the header says."""
    assert not is_local(**{name: "127.0.0.1"})
