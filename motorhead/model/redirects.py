"""Where a model's address leads, if not to the model."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from motorhead.exceptions import ModelRejected

if TYPE_CHECKING:
    import aiohttp

#: Redirections behind which a client asks with GET, without the question: no model answers that.
ENDS_POST = (301, 302, 303)
REDIRECTS = (*ENDS_POST, 307, 308)


def moved_to(answer: aiohttp.ClientResponse, path: str, *, azure: bool) -> str | None:
    """The address to set in place of the model's, without a login; None: the question arrived there.

    ``path`` is what a question's address has behind the model's. For ``azure``, no redirection was followed.
    """
    place = urlsplit(_place(answer) or "")
    if not place.netloc:
        return None
    bare = f"{place.scheme}://{place.netloc.rpartition('@')[2]}{place.path}"
    return bare.partition("/openai/deployments/")[0] if azure else bare.removesuffix(path)


def _place(answer: aiohttp.ClientResponse) -> str | None:
    for before, after in pairwise((*answer.history, answer)):
        if before.status in ENDS_POST and after is not before:
            return str(after.url)
    with suppress(ValueError):
        if answer.status in REDIRECTS and (location := answer.headers.get("Location")):
            return urljoin(str(answer.url), location)
    return None


def moved(what: str, place: str, *, azure: bool) -> ModelRejected:
    """The error of a model whose address redirects to ``place``; ``what`` names the model in its sentence."""
    name = "AZURE_API_BASE" if azure else "OPENAI_BASE_URL"
    return ModelRejected(f"The {what}'s address redirects to {place}; set {name} to that address.")
