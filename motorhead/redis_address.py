"""Where Redis is and how to introduce oneself there, read from a URL."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from motorhead.exceptions import ConfigurationError


@dataclass(frozen=True, slots=True)
class Address:
    """One Redis server: a host and port, or the path of a unix socket."""

    host: str
    port: int
    path: str | None = None
    tls: bool = False
    username: str | None = None
    password: str | None = None
    database: int = 0

    def __str__(self) -> str:
        """The address without its password, fit for a log."""
        return self.path or f"{self.host}:{self.port}"

    @property
    def ssl(self) -> ssl.SSLContext | None:
        """The TLS context to connect with, or None for a plain connection."""
        return ssl.create_default_context() if self.tls else None

    @property
    def greeting(self) -> list[tuple[str | int, ...]]:
        """The commands that open a connection: who we are and which database we mean."""
        commands: list[tuple[str | int, ...]] = []
        if self.password is not None:
            commands.append(("AUTH", *([self.username] if self.username else []), self.password))
        if self.database:
            commands.append(("SELECT", self.database))
        commands.append(("PING",))
        return commands


def parse_address(url: str) -> Address:
    """The address that ``url`` (redis://, rediss:// or unix://) names; ConfigurationError if it names none."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    try:
        database = int(query.get("db", [parts.path.strip("/") if parts.scheme != "unix" else "0"])[0] or 0)
        port = parts.port or 6379
    except ValueError:
        raise ConfigurationError("REDIS_URL has a port or database that is not a number.") from None
    return Address(
        host=parts.hostname or "127.0.0.1",
        port=port,
        path=unquote(parts.path) if parts.scheme == "unix" else None,
        tls=parts.scheme == "rediss",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=database,
    )
