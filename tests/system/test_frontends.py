"""A frontend on another site, in Debian's Chromium: it gets a cookie of the chat and opens a websocket with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.chromium import CHROMIUM, OPTIONS
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, free_port, running, start_site
from tests.support.tls import make_certificates
from tests.system.test_proxies import CADDY_BLOCK, Behind

pytestmark = [pytest.mark.browser, pytest.mark.proxy]

#: Asks for a visit, and for an answer on a websocket. Returns the status, and the reply or the close code.
VISIT = """
async (host) => {
  const { status } = await fetch(`https://${host}/api/v1/visit`, { method: "POST", credentials: "include" });
  const socket = new WebSocket(`wss://${host}/ws/v1/chat`);
  const messages = [{ role: "user", parts: [{ type: "text", text: "hi im bob" }] }];
  let reply = "";
  return new Promise((resolve) => {
    socket.onopen = () => socket.send(JSON.stringify({ type: "send", requestId: "1", id: "trip", messages }));
    socket.onclose = ({ code }) => resolve([status, code]);
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      reply += frame.chunk?.delta ?? "";
      if (frame.type === "end") resolve([status, reply]);
    };
  });
}
"""
#: Ends the visit, and returns the code with which its socket is closed.
LEAVE = """
async (host) => {
  const socket = new WebSocket(`wss://${host}/ws/v1/chat`);
  await new Promise((resolve) => { socket.onopen = resolve; });
  const closed = new Promise((resolve) => { socket.onclose = ({ code }) => resolve(code); });
  await fetch(`https://${host}/api/v1/visit`, { method: "DELETE", credentials: "include" });
  return closed;
}
"""


class Frontend(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Elsewhere</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def frontend() -> Iterator[str]:
    """The origin of a page that is, for a browser, of another site than https://localhost."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Frontend) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_of_another_site_is_a_visitor(tmp_path: Path) -> None:
    """Its visit lasts over a reload, and ends with its sockets when it says so."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed. Install Debian's package chromium.")
    port = free_port()
    address = f"https://localhost:{port}"
    with ScriptedOpenAI() as model, frontend() as origin:
        settings = {"CHAT_PUBLIC_URL": address, "CHAT_ALLOWED_ORIGINS": origin, "OPENAI_BASE_URL": model.url}
        with running(start_site(tmp_path / "site", "--workers", "1", **settings)) as site:
            assert isinstance(site, Site)
            behind = Behind(site, port, address, make_certificates(tmp_path), tmp_path)
            with running(behind.start("caddy", CADDY_BLOCK)):
                use(origin, f"localhost:{port}")


def use(origin: str, host: str) -> None:
    """Be a visitor on the frontend's page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(30_000 * PATIENCE)
        page.goto(origin)
        assert page.evaluate(VISIT, host) == [204, "You said: hi im bob"]
        before = cookie_of(page.context.cookies())
        page.reload()
        assert page.evaluate(VISIT, host) == [204, "You said: hi im bob"]
        assert cookie_of(page.context.cookies()) == before
        assert page.evaluate(LEAVE, host) == 4401
        browser.close()


def cookie_of(cookies: list) -> str:
    """The value of the frontend's cookie, the only one."""
    (cookie,) = cookies
    assert (cookie["name"].startswith("__Host-"), cookie["sameSite"], cookie["secure"]) == (True, "None", True)
    return str(cookie["value"])
