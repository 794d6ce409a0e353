"""The address of Redis in a URL, and a sentence for each invalid one."""

from __future__ import annotations

import pytest

from redis_link.address import parse_address
from redis_link.exceptions import InvalidAddress
from redis_link.tls import Tls


def test_all_parts_of_a_url_are_read() -> None:
    """User, password, host, port, database and TLS are read; for a unix socket, so is the path."""
    address = parse_address("rediss://me:p%40ss@[::1]:7000/3")
    assert (address.username, address.password, address.tls) == ("me", "p@ss", Tls())
    assert (address.host, address.port, address.database) == ("::1", 7000, 3)
    assert parse_address("unix:///run/redis.sock?db=2").path == "/run/redis.sock"
    assert str(parse_address("redis://")) == "127.0.0.1:6379"


def test_an_address_may_name_sentinels() -> None:
    """The login is that of the servers; the sentinels' own is among the options. All of them use TLS, or none."""
    address = parse_address("rediss+sentinel://me:p%40ss@a,[::1]:7000/my%20master/3?sentinel_password=s3cret")
    assert address.sentinels is not None
    assert (address.sentinels.service, address.database, address.password) == ("my master", 3, "p@ss")
    known = [(each.host, each.port, each.password, each.database, each.tls) for each in address.sentinels.places]
    assert known == [("a", 26379, "s3cret", 0, Tls()), ("::1", 7000, "s3cret", 0, Tls())]
    assert str(address) == "my master (sentinels: a:26379, ::1:7000)"
    server = address.at("b", 6379)
    assert (str(server), server.password, server.database, server.tls) == ("b:6379", "p@ss", 3, Tls())


def test_an_address_may_name_several_nodes_of_a_cluster() -> None:
    """All of them have the same login and TLS; a port may be left out."""
    address = parse_address("rediss://me:p%40ss@a,[::1]:7000,b:7001/0?ssl_cert_reqs=none")
    assert str(address) == "a:6379, ::1:7000, b:7001"
    assert [(node.host, node.port, node.others) for node in address.nodes] == [
        ("a", 6379, ()),
        ("::1", 7000, ()),
        ("b", 7001, ()),
    ]
    assert {(node.username, node.password, node.tls) for node in address.nodes} == {("me", "p@ss", address.tls)}


@pytest.mark.parametrize(
    ("url", "expected"),
    [("foo", "redis://foo"), ("localhost:6379", "redis://localhost:6379"), ("http://h", "begin with redis://"),
     ("redis://[bad", "no host"), (f"redis://{'h' * 64}:1", "no host"), ("redis://a..b", "no host"),
     ("redis://a:1,b:x", "port"),
     ("redis+sentinel://h", "no service"), ("redis+sentinel://a,[b/m", "no host"),
     ("redis+sentinel://a/m/x", "database"), ("redis://h:99999", "port"),
     ("redis://h/one", "database"), ("unix://", "socket")],
)  # fmt: skip
def test_an_invalid_url_gets_a_sentence(url: str, expected: str) -> None:
    """The sentence gives the name of the setting, and says what is wrong or what to write."""
    with pytest.raises(InvalidAddress, match=r"^Where .*\.$") as caught:
        parse_address(url, "Where")
    assert expected in str(caught.value)


@pytest.mark.parametrize("url", ["s3cret@host", "http://:s3cret@h", "redis://:s3cret@[bad", "redis://:s3cret@h:x"])
def test_no_sentence_quotes_a_password(url: str) -> None:
    """A password is not quoted, whatever is wrong."""
    with pytest.raises(InvalidAddress) as caught:
        parse_address(url)
    assert "s3cret" not in str(caught.value)
