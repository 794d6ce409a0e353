"""Redis's error answers, in sentences that may be shown to a client."""

from __future__ import annotations

from redis_link.exceptions import StoreError, StoreRefused

DAMAGED = "A session is damaged in Redis; `python -m motorhead fsck --mend` mends it."
WRONG_KIND = "A key in Redis is of the wrong kind; `python -m motorhead fsck` tells which."
#: What Redis's usual answers begin with, and what is the matter then.
USUAL = {
    "OOM": "Redis is full (maxmemory): nothing can be written until sessions are deleted or it is given more memory.",
    "READONLY": "Redis is a replica that takes no writes; REDIS_URL must lead to the primary.",
    "MASTERDOWN": "Redis is a replica that has lost its primary.",
    "LOADING": "Redis is still reading its data; ask again in a moment.",
    "BUSY": "Redis is busy with a long script; ask again in a moment.",
    "MISCONF": "Redis cannot write to its disk and takes no writes until it can.",
    "NOREPLICAS": "Redis takes no writes while too few of its replicas are there.",
    "NOPERM": "Redis does not permit this server's user what it needs; look at the user's rules (ACL).",
    "NOAUTH": "Redis wants a password; look at REDIS_URL.",
}
#: What our scripts begin a refusal with.
OURS = "DAMAGED "


def refusal(answer: str) -> StoreRefused:
    """The error for an ``answer`` of Redis. Ours, and those that tell of damage, become sentences."""
    if answer.startswith("WRONGTYPE"):
        return StoreRefused(WRONG_KIND)
    return StoreRefused(answer.removeprefix(OURS))


def for_client(error: StoreError) -> str:
    """The sentence for a client: Redis's usual answers in our words. Logs have its own."""
    words = str(error)
    return USUAL.get(words.partition(" ")[0], words) if isinstance(error, StoreRefused) else words
