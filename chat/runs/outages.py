"""What an error of the link to Redis says about Redis: it is away, it is full, or it refuses to write."""

from __future__ import annotations

import logging
from collections.abc import Callable

from chat.domain.exceptions import RunLogUnreachable
from redis_link.exceptions import StoreError, StoreRefused

logger = logging.getLogger(__name__)

#: What Redis quotes of the system's error when its disk is full.
NO_SPACE = "No space left on device"
#: The first word of Redis's answer when it has reached its ``maxmemory``.
FULL = "OOM"
#: Those of a server that will soon serve again.
NOT_YET = ("LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY")


def outage(error: StoreError, disk_is_full: Callable[[], bool]) -> RunLogUnreachable:
    """The outage behind an ``error``. ``disk_is_full`` is asked why a Redis that does not answer may have ended."""
    words = str(error)
    if NO_SPACE in words:
        return RunLogUnreachable("disk_full")
    if not isinstance(error, StoreRefused):
        return RunLogUnreachable("disk_full") if disk_is_full() else RunLogUnreachable()
    if words.startswith(FULL):
        return RunLogUnreachable("store_full")
    if words.startswith(NOT_YET):
        return RunLogUnreachable()
    logger.warning("Redis refused a command: %s", words.partition(", with args")[0])
    return RunLogUnreachable("read_only")
