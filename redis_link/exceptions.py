"""All exceptions that `redis_link` raises.

    RedisLinkError
    ├── InvalidAddress            a URL is not an address of Redis
    └── StoreError                Redis did not execute a command
        ├── StoreUnavailable      not connected, connection lost, no answer in time, queue full
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


class StoreRefused(StoreError):
    """Redis answered with an error; nothing was written."""
