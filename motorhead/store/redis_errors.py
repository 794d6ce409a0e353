"""Redis's error replies as sentences that may be shown to clients."""

from __future__ import annotations

from redis_link.exceptions import StoreError, StoreRefused

DAMAGED = "A session is damaged in Redis; run `python -m motorhead fsck --mend`."
WRONG_KIND = "A key in Redis has the wrong type; find it with `python -m motorhead fsck`."
#: The first word of each of Redis's usual errors, and our sentence for it.
USUAL = {
    "OOM": "Redis is full (maxmemory); delete sessions or give it more memory.",
    "READONLY": "Redis is a read-only replica; set REDIS_URL to the primary.",
    "MASTERDOWN": "Redis is a replica that has lost its primary.",
    "LOADING": "Redis is still loading its data; ask again in a moment.",
    "BUSY": "Redis is busy with a long script; ask again in a moment.",
    "MISCONF": "Redis cannot write to its disk and accepts no writes until it can.",
    "NOREPLICAS": "Redis accepts no writes while too few of its replicas are connected.",
    "NOPERM": "Redis does not give this server's user the permissions that it needs; check the user's ACL rules.",
    "NOAUTH": "Redis requires a password; add it to REDIS_URL.",
}
#: What Redis quotes of the system's error, after MISCONF, when its disk is full.
NO_SPACE = "No space left on device"
FULL_DISK = "The disk of Redis is full, so it accepts no writes; free some space there."
#: The first word of an error that our scripts raise.
OURS = "DAMAGED "


def refusal(answer: str) -> StoreRefused:
    """The exception for an error ``answer`` of Redis. Errors of our scripts and wrong types become sentences."""
    if answer.startswith("WRONGTYPE"):
        return StoreRefused(WRONG_KIND)
    return StoreRefused(answer.removeprefix(OURS))


def for_client(error: StoreError) -> str:
    """The sentence that a client is shown: Redis's usual errors in our words. Logs keep Redis's own."""
    words = str(error)
    if isinstance(error, StoreRefused) and NO_SPACE in words:
        return FULL_DISK
    return USUAL.get(words.partition(" ")[0], words) if isinstance(error, StoreRefused) else words


def code_of(error: StoreError) -> str | None:
    """The code for a client: what is full, if that is why Redis refuses to write."""
    return {FULL_DISK: "disk_full", USUAL["OOM"]: "store_full"}.get(for_client(error))
