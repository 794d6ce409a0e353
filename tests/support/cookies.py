"""What the site's cookies say."""

from __future__ import annotations

import httpx


def csrf_token(client: httpx.Client | httpx.AsyncClient) -> str:
    """The token against forged requests that the client has in a cookie."""
    (token,) = [value for name, value in client.cookies.items() if name.endswith("-csrftoken")]
    return token


def owner_of(cookie: str) -> str:
    """The owner whom a visitor's cookie names; ``cookie`` may begin with its name and ``=``."""
    return cookie.rpartition("=")[2].split(":")[0].split(".")[0]
