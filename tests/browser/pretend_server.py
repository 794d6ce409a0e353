"""A test in the place of the site, at the other end of a page's websocket."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic
from typing import Any, Self

from playwright.sync_api import Page, WebSocketRoute

from tests.support.servers import PATIENCE

SOCKETS = "**/ws/session/**"


class PretendServer:
    """Receives what ``page`` sends from its next load on, and sends what the test decides."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._sockets: list[WebSocketRoute] = []
        self.received: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._page.route_web_socket(SOCKETS, self._connect)
        self._page.reload()
        return self

    def __exit__(self, *_: object) -> None:
        self._page.unroute_all()

    def tell(self, html: str = "", **facts: str) -> None:
        """Send a frame with these facts."""
        self._sockets[-1].send(json.dumps({"content": html, **facts}))

    def pings(self, at_least: int = 0) -> int:
        """How often the page has asked for a sign of life, once it has done so ``at_least`` that often."""
        self._wait_until(lambda: self._asked() >= at_least)
        return self._asked()

    def turn_of(self, text: str, times: int = 1) -> str:
        """The turn as which the page has sent the message, once it has sent it that many ``times``."""
        self._wait_until(lambda: len(self.turns_of(text)) >= times)
        (turn,) = set(self.turns_of(text))
        return turn

    def turns_of(self, text: str) -> list[str]:
        """The turns as which the page has sent the message so far."""
        return [body["turn"] for body in self.received if body["type"] == "send" and body["text"] == text]

    def _connect(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(self._receive)

    def _receive(self, frame: str | bytes) -> None:
        self.received.append(json.loads(frame)["body"])

    def _asked(self) -> int:
        return sum(body["type"] == "ping" for body in self.received)

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = monotonic() + 10 * PATIENCE
        while not condition():
            assert monotonic() < deadline, self.received
            self._page.wait_for_timeout(20)  # Playwright dispatches events meanwhile
