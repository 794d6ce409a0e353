"""A chat that a page cannot reach for a while."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, WebSocketRoute

SOCKETS = re.compile("/ws/v1/chat")


class LosableChat:
    """The chat as a page reaches it: through tickets and websockets."""

    def __init__(self) -> None:
        self._sockets: list[WebSocketRoute] = []
        self._refusals = 0

    def lose(self, tries: int) -> None:
        """Cut the connections, and refuse the next ``tries`` tickets."""
        self._refusals = tries
        for socket in self._sockets:
            socket.close(code=1012)
        self._sockets.clear()

    def sell(self, route: Route) -> None:
        """Answer a request for a ticket."""
        if not self._refusals:
            return route.continue_()
        self._refusals -= 1
        return route.abort()

    def connect(self, socket: WebSocketRoute) -> None:
        """Connect a websocket."""
        socket.connect_to_server()
        self._sockets.append(socket)


def losable_chat(page: Page) -> LosableChat:
    """The chat of ``page``, which has not been opened yet."""
    chat = LosableChat()
    page.route("**/ticket", chat.sell)
    page.route_web_socket(SOCKETS, chat.connect)
    return chat
