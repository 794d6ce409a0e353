"""Addresses of servers and origins of pages."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import example, given, settings, strategies as st
from redis.asyncio.connection import parse_url
from yarl import URL

from environment.addresses import (
    database_address,
    host,
    host_names,
    http_address,
    is_loopback,
    model_address,
    networks,
    origin,
    origins,
    redis_address,
    servers_in,
    site_address,
    without_login,
)
from environment.values import Refused

LONG_LABEL = "a" * 64


@pytest.mark.parametrize(
    "written",
    [
        "redis://localhost",
        "redis://localhost:6379/1",
        "redis://user:p%40ss@127.0.0.1:6379/0?db=2",
        "rediss://[::1]:6380?ssl_cert_reqs=none",
        "rediss://localhost?ssl_check_hostname=False",
        "unix:///run/valkey.sock?db=1",
        "unix://user:pass@/run/valkey.sock",
    ],
)
def test_addresses_of_redis(written: str):
    """TCP, TLS and unix sockets are accepted, with their passwords and databases."""
    assert redis_address(written) == written
    assert parse_url(written)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("localhost:6379", "Begin with redis://"),
        ("http://localhost", "Begin with redis://"),
        ("redis://", "no host"),
        ("redis://localhost:99999", "no port from 1 to 65535"),
        ("redis://localhost:0", "no port from 1 to 65535"),
        ("redis://localhost:abc", "no port from 1 to 65535"),
        ("redis://:pa#ss@localhost", "In a password"),
        ("redis://[::1", "no host"),
        ("redis://[::1]x:1", "no port"),
        (f"redis://{LONG_LABEL}", "no host"),
        ("redis://a..b", "no host"),
        ("redis://1.2.3.999", "not an IP address"),
        ("redis://local host", "contains a space"),
        ("redis://localhost/one", "database"),
        ("redis://localhost?db=x", "database"),
        ("redis://localhost?ssl_cert_reqs=none", "Begin with rediss"),
        ("redis://localhost?ssl_cert_reqs=none&x=y", "unknown option after its"),
        ("rediss://localhost?ssl_cert_reqs=maybe", "Write none, optional or required"),
        ("rediss://localhost?ssl_check_hostname=maybe", "Write true or false"),
        ("redis://localhost#1", "contains a #"),
        ("unix://", "no socket"),
        ("unix://run/valkey.sock", "no socket"),
        ("unix:///run/%00", "no socket"),
    ],
)
def test_an_invalid_address_of_redis_is_refused(written: str, why: str):
    """The sentence says which part is wrong."""
    with pytest.raises(Refused, match=why):
        redis_address(written)


@pytest.mark.parametrize(
    "written",
    [
        "redis+sentinel://sentinel/mymaster",
        "redis+sentinel://user:p%40ss@a:26379,[::1]:26380,b/mymaster/2?sentinel_username=s&sentinel_password=x",
        "rediss+sentinel://a,b/mymaster/0?ssl_cert_reqs=none",
    ],
)
def test_addresses_of_sentinels(written: str):
    """They name hosts, a service, a database, and options, among which is the login of the sentinels."""
    assert redis_address(written + "/" * ("?" not in written)) == written


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("redis+sentinel://a", "no service"),
        ("redis+sentinel://a,b/", "no service"),
        ("redis+sentinel://:pa#ss@a/m", "in its login"),
        ("redis+sentinel://:pa?ss@a/m", "in its login"),
        ("redis+sentinel://a,/m", "no host"),
        ("redis+sentinel://a,b:x/m", "no port"),
        ("redis+sentinel://a/m/one", "database"),
        ("redis+sentinel://a/m/1/2", "no service"),
        ("redis+sentinel://a b/m", "no host"),
        ("redis+sentinel://a/m?ssl_cert_reqs=none&x=y", "known ones are: db, sentinel_password, sentinel_username"),
        ("redis+sentinel://a/m?ssl_cert_reqs=none", "Begin with rediss"),
        ("redis+sentinel://a/m?db=1#x", "contains a #"),
    ],
)
def test_an_invalid_address_of_sentinels_is_refused(written: str, why: str):
    """The sentence says which part is wrong."""
    with pytest.raises(Refused, match=why):
        redis_address(written)


def test_an_address_may_name_several_nodes_of_a_cluster():
    """Each is checked like a single one."""
    written = "redis://user:pass@node-1:7000,node-2,127.0.0.1:7002/0"
    assert redis_address(written) == written
    for wrong in ("redis://a:7000,b:x", "redis://a,,b", "redis://a,b.."):
        with pytest.raises(Refused):
            redis_address(wrong)


def test_the_servers_in_an_address_are_named_without_logins():
    """Those of sentinels have their usual port; any other address is one server, or nodes of a Cluster."""
    written = "rediss+sentinel://u:p@a:1,[::1],b/m/0?sentinel_password=x"
    assert servers_in(written) == ["rediss://a:1", "rediss://[::1]:26379", "rediss://b:26379"]
    assert servers_in("redis://u:p@a/0") == ["redis://a/0"]
    assert servers_in("redis://u:p@a:7000,b/0") == ["redis://a:7000/0", "redis://b/0"]
    assert without_login(written) == "rediss+sentinel://a:1,[::1],b/m/0"


def test_no_sentence_shows_a_password():
    """An invalid address may contain one, whatever is wrong with it."""
    for written in ("x://:secret@h", "redis://:secret@h:x", "redis://:secret@a..b", "redis://me:1?sec=ret@h"):
        with pytest.raises(Refused) as refused:
            redis_address(written)
        assert "sec" not in str(refused.value)


@pytest.mark.parametrize("written", ["http://localhost:8080", "https://user:pass@example.org/v1", "http://[::1]:80/v1"])
def test_addresses_of_http_servers(written: str):
    """A path is allowed, and a trailing slash is dropped."""
    assert http_address(written + "/") == written


@pytest.mark.parametrize(
    "written",
    [
        "http://",
        "http://[::1",
        "http://[::g]",
        f"http://{LONG_LABEL}.example",
        "http://h:0",
        "http://h?x",
        "http://h?",
        "http://h/#x",
    ],
)
def test_an_invalid_address_of_an_http_server_is_refused(written: str):
    """Its host cannot be looked up, its port is invalid, or it has a query, to which no path can be appended."""
    with pytest.raises(Refused):
        http_address(written)


def test_a_model_is_sent_its_key_and_no_password():
    """Both would need the same header. The sentence names the key's setting, and quotes nothing."""
    assert model_address("http://localhost:11434/v1/") == "http://localhost:11434/v1"
    for written in ("https://user:secret@example.org/v1", "https://secret@example.org", "https://@example.org"):
        with pytest.raises(Refused, match="OPENAI_API_KEY") as refused:
            model_address(written)
        assert "secret" not in str(refused.value)


def test_a_shown_address_holds_no_login():
    """User and password are removed, the rest stays."""
    assert without_login("redis://user:p@ss@host:6379/0") == "redis://host:6379/0"
    assert without_login("http://host:80/v1") == "http://host:80/v1"
    assert without_login("") == ""


@pytest.mark.parametrize("written", ["localhost", "127.0.0.1", "::1", "fe80::1%eth0", "bücher.example", "1password"])
def test_hosts_to_listen_on(written: str):
    """Names and addresses without brackets are accepted."""
    assert host(written) == written


@pytest.mark.parametrize("written", ["a" * 70, "a..b", "a\nb", "\udcff"])
def test_a_host_that_no_resolver_accepts_is_refused(written: str):
    """The sentence quotes it and says what to write."""
    with pytest.raises(Refused, match=rf"^is {re.escape(repr(written))}\. Write a name or an address of this"):
        host(written)


@pytest.mark.parametrize("written", ["300.1.1.1", "10.0.0", "0.0.0.0:8000", "::g"])
def test_a_host_that_looks_like_an_address_is_one(written: str):
    """Otherwise it would be looked up as a name, and the sentence would be about that."""
    with pytest.raises(Refused, match=rf"^is {re.escape(repr(written))}, which is no IP address\."):
        host(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("localhost", True), ("127.0.0.9", True), ("[::1]", True), ("::1", True), ("0.0.0.0", False), ("chat.lan", False)],
)
def test_hosts_that_only_this_machine_reaches(written: str, expected: bool):
    """Names other than localhost are not looked up."""
    assert is_loopback(written) is expected


def test_names_of_hosts_are_taken_in_lower_case():
    """They are separated by spaces, and addresses are in their usual form."""
    assert host_names(" Memory  10.0.0.5 [FD00:0::1] ") == ("memory", "10.0.0.5", "[fd00::1]")


@pytest.mark.parametrize("written", ["memory:8080", "http://memory", "a,b", "*", "1.2.3", "fd00::1", "a..b", "büro"])
def test_an_invalid_name_of_a_host_is_refused(written: str):
    """Ports and schemes, too; the sentence shows how to write names."""
    with pytest.raises(Refused, match="without ports, separated by spaces"):
        host_names(f"memory {written}")


def test_an_origin_is_taken_as_browsers_write_it():
    """It is in lower case and without the default port, because origins are compared letter by letter."""
    assert origin("https://Chat.Example.org:443/") == "https://chat.example.org"
    assert origin("http://[0:0::1]:8000") == "http://[::1]:8000"
    assert origins(" https://a.example  http://b.example:81 ") == ["https://a.example", "http://b.example:81"]


@pytest.mark.parametrize(
    "written", ["https://a:b", "https://[x", "https://a/chat", "https://me@a", "example.org", "https://bücher.example"]
)
def test_an_invalid_origin_is_refused(written: str):
    """It has no valid port, no host, or more parts than an origin."""
    with pytest.raises(Refused):
        origin(written)


parts = st.sampled_from(
    ["localhost", "a.b", "[::1]", "[", "]", ":", "@", "/", "?", "#", "%", "80", "db=", "x", "..", "\\"]
)
texts = st.one_of(st.text(), st.lists(st.one_of(parts, st.text(max_size=2)), max_size=6).map("".join))


@settings(deadline=None)
@given(st.sampled_from(["http", "https"]), texts)
@example("http", "[::1%25x]")
@example("http", "0x7f.1")
def test_clients_accept_every_accepted_address(scheme: str, rest: str):
    """Any text after the scheme is either refused, or accepted by every HTTP client of the site."""
    try:
        taken = http_address(f"{scheme}://{rest}")
    except Refused:
        return
    assert str(httpx.URL(taken).host).encode("idna")
    assert URL(str(httpx.URL(taken)), encoded=True).host


@settings(deadline=None)
@given(st.sampled_from(["redis", "rediss", "unix"]), texts)
def test_the_client_of_redis_accepts_every_accepted_address(scheme: str, rest: str):
    """Any text after the scheme is either refused, or accepted by the Redis client."""
    try:
        taken = redis_address(f"{scheme}://{rest}")
    except Refused:
        return
    for server in servers_in(taken) if scheme != "unix" else [taken]:
        parsed = parse_url(server)
        assert str(parsed.get("path") or parsed["host"]).encode("idna" if scheme != "unix" else "utf-8")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://Example.org/", "https://example.org"),
        ("https://chat.org/chat/", "https://chat.org/chat"),
        ("http://[::1]:80/a/b-c.d", "http://[::1]/a/b-c.d"),
    ],
)
def test_an_address_of_a_site_may_have_a_path(written: str, address: str):
    """The origin is written as browsers do, and the path has no slash at its end."""
    assert site_address(written) == address


@pytest.mark.parametrize(
    "written", ["https://a/../b", "https://a//b", "https://a/b?c", "https://a/%2e", "https://u@a/b"]
)
def test_an_address_of_a_site_is_plain(written: str):
    """Dots, empty or encoded segments, a query and a login are refused."""
    with pytest.raises(Refused):
        site_address(written)


@pytest.mark.parametrize(
    "written",
    [
        *("postgresql://chat:p%40ss@db:5432/chat?sslmode=require", "postgres://[::1]/chat"),
        *("postgresql://chat@%2Frun%2Fpostgresql/chat", "postgresql:///chat?host=/run/postgresql"),
    ],
)
def test_an_address_of_a_database_is_taken_as_it_is(written: str):
    """With a login, options, and a socket in either form."""
    assert database_address(written) == written


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("mysql://db/chat", "no scheme"),
        ("sqlite:///chat", "no scheme"),
        ("postgresql://db", "names no database"),
        ("postgresql://db/", "names no database"),
        ("postgresql://u:a#b@db/chat", "contains a #"),
        ("postgresql://db:x/chat", "has no port"),
        ("postgresql://a..b/chat", "no host"),
    ],
)
def test_an_invalid_address_of_a_database_is_refused(written: str, wrong: str):
    """Without a word of it: it may contain a password."""
    with pytest.raises(Refused, match=wrong) as refused:
        database_address(written)
    assert "a#b" not in str(refused.value)


def test_networks():
    """Addresses are networks of one; IPv6 needs no brackets."""
    read = networks("127.0.0.1 10.0.0.0/8  fd00::/8")
    assert list(map(str, read)) == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize("written", ["10.0.0.1/8", "10.0.0.0/33", "proxy", "127.0.0.1,10.0.0.1", "127.0.0.1:80"])
def test_what_is_no_network(written: str):
    """Neither names nor ports, nor addresses inside a network that they do not begin."""
    with pytest.raises(Refused, match="Write addresses and networks"):
        networks(written)
