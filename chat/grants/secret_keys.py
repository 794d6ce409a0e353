"""The fingerprint of the site's secret key in Redis, by which a machine with another key is noticed at its start.

Visits, tokens and tickets are signed. With a key of its own, a machine would take the visitors of the others for new
ones, and give them cookies that the others refuse.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from redis_link.link import Link

#: The key in Redis.
FINGERPRINT = "chat:secret-key"


def fingerprint(secret_key: str) -> str:
    """A text that shows whether two keys are equal, and from which the key cannot be found."""
    return hmac.new(secret_key.encode(), b"the fingerprint of the site", "sha256").hexdigest()[:32]


async def is_known(link: Link, secret_key: str, fallbacks: Sequence[str] = ()) -> bool:
    """Whether the site is that of ``secret_key``, or was that of one of its ``fallbacks`` until now.

    A Redis that knows no key yet takes this one. Raises `redis_link.exceptions.StoreError`.
    """
    own = fingerprint(secret_key)
    await link.execute("SET", FINGERPRINT, own, "NX")
    known = (await link.execute("GET", FINGERPRINT) or b"").decode()
    if known in map(fingerprint, fallbacks):
        await accept(link, own)
        return True
    return known == own


async def is_another(link: Link, secret_key: str, fallbacks: Sequence[str] = ()) -> bool:
    """Whether the site is that of another key than these. Nothing is written.

    Raises `redis_link.exceptions.StoreError`.
    """
    known = (await link.execute("GET", FINGERPRINT) or b"").decode()
    return bool(known) and known not in map(fingerprint, (secret_key, *fallbacks))


async def accept(link: Link, accepted: str) -> None:
    """Make the site that of the key with this fingerprint. Raises `redis_link.exceptions.StoreError`."""
    await link.execute("SET", FINGERPRINT, accepted)
