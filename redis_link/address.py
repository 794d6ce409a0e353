"""The address and login of a Redis server, parsed from a URL."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from redis_link.exceptions import InvalidAddress
from redis_link.tls import Tls, tls_options

SCHEMES = "redis://, rediss://, redis+sentinel://, rediss+sentinel:// or unix://"
PORT, SENTINEL_PORT = 6379, 26379
#: An address that names several nodes of a Cluster.
NODES = re.compile(r"(?P<scheme>rediss?)://(?P<login>[^/?#]*@)?(?P<hosts>[^/?#@]*,[^/?#@]*)(?P<rest>[/?].*)?")
#: An address that names sentinels: those of redis-py, but with several hosts, and with the name of a service.
WATCHED = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://(?P<login>[^/?#]*@)?(?P<hosts>[^/?#@]*)"
    r"/(?P<service>[^/?#]+)(?P<database>/[^/?#]*)?(?P<query>\?[^#]*)?"
)


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Where the sentinels are that know the primary of ``service``."""

    service: str
    places: tuple[Address, ...]

    def __str__(self) -> str:
        """The service and its sentinels, for logs."""
        return f"{self.service} (sentinels: {', '.join(map(str, self.places))})"


@dataclass(frozen=True, slots=True)
class Address:
    """One Redis server: a host and port, the path of a unix socket, or whichever one is the primary by ``sentinels``.

    Then host and port are those of a sentinel. ``others``: hosts and ports of more nodes of a Cluster, any of which
    will do as well.
    """

    host: str
    port: int
    path: str | None = None
    tls: Tls | None = None
    username: str | None = None
    password: str | None = None
    database: int = 0
    sentinels: Sentinels | None = None
    others: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        """The address without its password, for logs."""
        if self.sentinels or self.path:
            return str(self.sentinels or self.path)
        return ", ".join(f"{host}:{port}" for host, port in ((self.host, self.port), *self.others))

    def at(self, host: str, port: int) -> Address:
        """The address of a server at another place, with the same login, database and TLS."""
        return replace(self, host=host, port=port, path=None, sentinels=None, others=())

    @property
    def nodes(self) -> list[Address]:
        """The address of each node that it names."""
        return [self.at(*place) for place in ((self.host, self.port), *self.others)]

    @property
    def ssl(self) -> ssl.SSLContext | None:
        """The TLS context to connect with, or None for a plain connection.

        Raises `InvalidAddress`: a file of certificates cannot be read.
        """
        return self.tls.context() if self.tls else None

    @property
    def greeting(self) -> list[tuple[str | int, ...]]:
        """The commands that open a connection: login, database, and a ping."""
        commands: list[tuple[str | int, ...]] = []
        if self.password is not None:
            commands.append(("AUTH", *([self.username] if self.username else []), self.password))
        if self.database:
            commands.append(("SELECT", self.database))
        commands.append(("PING",))
        return commands


def parse_address(url: str, name: str = "REDIS_URL") -> Address:
    """The address in ``url``: redis://, rediss://, unix://, or redis+sentinel://host:port,host:port/service/database.

    Of redis:// and rediss://, too, several hosts may be named: nodes of a Cluster.

    Raises `InvalidAddress`: ``url`` is not an address of Redis, or names certificates that cannot be used. The message
    calls it ``name`` and never quotes it, because it may contain a password.
    """
    if url.startswith(("redis+sentinel://", "rediss+sentinel://")):
        return _watched(url, name)
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise InvalidAddress(f"{name} must begin with {SCHEMES}{_rather(url)}.")
    if written := NODES.fullmatch(url):
        return _of_nodes(written, name)
    return _single(url, name, PORT)


def _of_nodes(written: re.Match[str], name: str) -> Address:
    """The address of several nodes of a Cluster."""
    scheme, login, hosts, rest = (part or "" for part in written.groups())
    first, *others = [_single(f"{scheme}://{login}{host}{rest}", name, PORT) for host in hosts.split(",")]
    return replace(first, others=tuple((other.host, other.port) for other in others))


def _watched(url: str, name: str) -> Address:
    """The address of the primary that sentinels know; their own login is among its options."""
    if (written := WATCHED.fullmatch(url)) is None:
        raise InvalidAddress(f"{name} names no service; write redis+sentinel://host:26379/mymaster/0.")
    scheme, login, hosts, service, database, query = (part or "" for part in written.group(*WATCHED.groupindex))
    options = dict(parse_qsl(query.removeprefix("?")))
    user, password = options.get("sentinel_username"), options.get("sentinel_password")
    places = [_single(f"{scheme}://{host}{query}", name, SENTINEL_PORT) for host in hosts.split(",")]
    sentinels = tuple(replace(place, database=0, username=user, password=password) for place in places)
    primary = _single(f"{scheme}://{login}{hosts.partition(',')[0]}{database}{query}", name, SENTINEL_PORT)
    return replace(primary, sentinels=Sentinels(unquote(service), sentinels))


def _single(url: str, name: str, usual_port: int) -> Address:
    try:
        parts = urlsplit(url)
        host = checked_host(parts.hostname or "127.0.0.1")
    except ValueError:
        raise InvalidAddress(f"{name} has no host that can be looked up.") from None
    if parts.scheme == "unix" and not parts.path:
        raise InvalidAddress(f"{name} names no socket; write unix:///path/to/the.sock.")
    query = parse_qs(parts.query)
    try:
        database = int(query.get("db", [parts.path.strip("/") if parts.scheme != "unix" else "0"])[0] or 0)
        port = parts.port or usual_port
    except ValueError:
        raise InvalidAddress(f"{name} has a port or database that is not a number.") from None
    address = Address(
        host=host,
        port=port,
        path=unquote(parts.path) if parts.scheme == "unix" else None,
        tls=tls_options(dict(parse_qsl(parts.query))) if parts.scheme == "rediss" else None,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=database,
    )
    address.ssl  # noqa: B018 - reported now if a certificate cannot be read
    return address


def checked_host(host: str) -> str:
    """``host``, if a resolver accepts it. Raises `ValueError`: a label is empty or too long."""
    host.encode("idna")
    return host


def _rather(url: str) -> str:
    """What to write instead, if ``url`` only lacks its scheme."""
    return "" if "://" in url or "@" in url else f"; write redis://{url}"
