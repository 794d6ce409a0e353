"""What redis-py's errors say about Redis: it is away, it is full, or it refuses to write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    ConnectionError,  # noqa: A004 - redis-py's, of which refused and lost ones are
    OutOfMemoryError,
    ResponseError,
)

from chat.domain.exceptions import RunLogUnreachable

T = TypeVar("T")

#: What Redis quotes of the system's error when its disk is full.
NO_SPACE = "No space left on device"


class RetryLost(Retry):
    """Retries what a lost connection has interrupted, three times within half a second.

    A Redis that has to write to its disk at once ends when it cannot. So a lost connection while ``disk_is_full`` is
    blamed on the disk, and not retried: the same write would end the next Redis, too.
    """

    def __init__(self, disk_is_full: Callable[[], bool]) -> None:
        # A silent Redis is not retried: nobody waits longer than the time-out.
        super().__init__(ExponentialBackoff(cap=0.5, base=0.05), 3, supported_errors=(ConnectionError,))
        self._disk_is_full = disk_is_full

    async def call_with_retry(
        self, do: Callable[[], Awaitable[T]], fail: Callable[..., Any], *arguments: Any, **options: Any
    ) -> T:
        async def failed(error: Exception, *count: int) -> None:
            await fail(error, *count)
            if self._disk_is_full():
                raise ConnectionError(NO_SPACE) from error

        return await super().call_with_retry(do, failed, *arguments, **options)


def outage(error: Exception) -> RunLogUnreachable:
    """The outage behind an ``error`` of redis-py or of the system."""
    if NO_SPACE in str(error):
        return RunLogUnreachable("disk_full")
    if isinstance(error, OutOfMemoryError):
        return RunLogUnreachable("store_full")
    return RunLogUnreachable("read_only") if isinstance(error, ResponseError) else RunLogUnreachable()
