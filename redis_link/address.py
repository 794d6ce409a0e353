"""The address and login of a Redis server, parsed from a URL."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from redis_link.exceptions import InvalidAddress
from redis_link.tls import Tls, tls_options


@dataclass(frozen=True, slots=True)
class Address:
    """One Redis server: a host and port, or the path of a unix socket."""

    host: str
    port: int
    path: str | None = None
    tls: Tls | None = None
    username: str | None = None
    password: str | None = None
    database: int = 0

    def __str__(self) -> str:
        """The address without its password, for logs."""
        return self.path or f"{self.host}:{self.port}"

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
    """The address in ``url`` (redis://, rediss:// or unix://).

    Raises `InvalidAddress`: ``url`` is not an address of Redis, or names certificates that cannot be used. The message
    calls it ``name`` and never quotes it, because it may contain a password.
    """
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise InvalidAddress(f"{name} must begin with redis://, rediss:// or unix://{_rather(url)}.")
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
        port = parts.port or 6379
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
