"""The call that searches sessions."""

from __future__ import annotations

from motorhead.exceptions import Forbidden
from motorhead.http.parameters import ALL, CURSOR, FOUND, NAMESPACE, QUERY
from motorhead.http.requests import Request, Response, json_response
from motorhead.search.search import Search


class SearchCalls:
    """Searches sessions. ``guarded``: whether requests need a token, without which nobody may search everything."""

    def __init__(self, search: Search, *, guarded: bool) -> None:
        self._search = search
        self._guarded = guarded

    async def search(self, request: Request) -> Response:
        """The places in a namespace, or in all of them, that contain some words."""
        everywhere = ALL.read(request)
        if everywhere and not self._guarded:
            raise Forbidden("All namespaces are searched only with a token; set MOTORHEAD_TOKEN.")
        namespace = None if everywhere else NAMESPACE.read(request)
        words, start, limit = QUERY.read(request), CURSOR.read(request), FOUND.read(request)
        return json_response(await self._search.find(words, namespace, start, limit))
