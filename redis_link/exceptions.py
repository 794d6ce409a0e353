"""All exceptions that `redis_link` raises.

    RedisLinkError
    ├── InvalidAddress            a URL is not an address of Redis
    └── StoreError                Redis did not execute a command
        ├── StoreUnavailable      not connected, no answer in time, queue full
        │   └── ConnectionLost    lost while Redis was executing it
        └── StoreRefused          Redis answered with an error

Every message is a sentence fit to show to people, and contains no password.
"""

from __future__ import annotations


class RedisLinkError(Exception):
    """The base class."""


class InvalidAddress(RedisLinkError):
    """The URL is not an address of Redis."""


class StoreError(RedisLinkError):
    """Redis did not execute a command."""


class StoreUnavailable(StoreError):
    """Redis is unreachable or did not answer; a write may or may not have happened."""


class ConnectionLost(StoreUnavailable):
    """The connection was lost before Redis answered, which it may soon do again; a write may have happened."""


class StoreRefused(StoreError):
    """Redis answered with an error; nothing was written."""
