"""The calls that list sessions and namespaces."""

from __future__ import annotations

from motorhead.http.parameters import DETAILS, NAMESPACE, ORDER, PAGE, SIZE
from motorhead.http.requests import Request, Response, json_response
from motorhead.store.listing import Listing


class ListingCalls:
    """Lists sessions and namespaces."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    async def sessions(self, request: Request) -> Response:
        """The sessions of a namespace, as ids or (``details``) as objects, by last activity in the given order."""
        namespace, page, size = NAMESPACE.read(request), PAGE.read(request), SIZE.read(request)
        order, details = ORDER.read(request), DETAILS.read(request)
        ids = await self._listing.page(namespace, page, size, order == "newest")
        if details:
            return json_response(await self._listing.details(ids))
        return json_response([session_id.decode(errors="replace") for session_id in ids])

    async def namespaces(self, request: Request) -> Response:
        """The names of the namespaces that hold sessions."""
        return json_response(await self._listing.namespaces())
