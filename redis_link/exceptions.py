"""Everything that `redis_link` raises.

    RedisLinkError
    ├── InvalidAddress            a URL names no Redis server
    └── StoreError                Redis did not do what was asked
        ├── StoreUnavailable      not connected, connection lost, no answer in time, queue full
        └── StoreRefused          Redis answered with an error

Every message is a sentence that may be shown to a person, and quotes no password.
"""

from __future__ import annotations


class RedisLinkError(Exception):
    """The root of the tree."""


class InvalidAddress(RedisLinkError):
    """The URL names no Redis server."""


class StoreError(RedisLinkError):
    """Redis did not do what was asked."""


class StoreUnavailable(StoreError):
    """Redis cannot be reached or did not answer; a write may or may not have happened."""


class StoreRefused(StoreError):
    """Redis answered with an error; nothing was written."""
