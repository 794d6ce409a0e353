"""Where a model's address leads, if not to the model."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import aiohttp
from yarl import URL

#: Redirections behind which a client asks with GET, without the question: no model answers that.
ENDS_POST = (301, 302, 303)
REDIRECTS = (*ENDS_POST, 307, 308)


def moved_to(response: aiohttp.ClientResponse, path: str, *, azure: bool = False) -> str | None:
    """The address to set in place of the model's, without a login; None: the question arrived there.

    ``path`` is what a question's address has behind the model's. For ``azure``, no redirection was followed.
    """
    place = _place(response)
    if place is None or not place.host:  # such as mailto:
        return None
    bare = str(place.with_user(None).with_query(None).with_fragment(None))
    return bare.partition("/openai/deployments/")[0] if azure else bare.removesuffix(f"/{path}")


def _place(response: aiohttp.ClientResponse) -> URL | None:
    for before, after in pairwise((*response.history, response)):
        if before.status in ENDS_POST and after is not before:
            return after.url
    with suppress(ValueError):
        if response.status in REDIRECTS and (location := response.headers.get("Location")):
            return response.url.join(URL(location))
    return None
