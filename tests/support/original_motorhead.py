"""A stand-in for the original Motörhead, with its API and nothing more, but without its faults.

Its lists contain bare ids, oldest first, and every later endpoint is a 404 without a body.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit


class _Server(ThreadingHTTPServer):
    """Closes its connections with it, also those that clients keep for their next request."""

    def __init__(self, *arguments: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket | tuple[bytes, socket]) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(SHUT_RDWR)
        super().server_close()


class OriginalMotorhead:
    """The server, running at ``url`` within a ``with`` block. ``listed``: ids by namespace, oldest first."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, str]]] = {}
        self.contexts: dict[str, str] = {}
        self.listed: defaultdict[str | None, list[str]] = defaultdict(list)
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"motorhead": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def append(self, memory_id: str, messages: list[dict[str, str]], namespace: str | None) -> None:
        """The effect of a POST."""
        self.messages.setdefault(memory_id, []).extend(messages)
        self.listed[namespace] = [one for one in self.listed[namespace] if one != memory_id] + [memory_id]

    def delete(self, memory_id: str, namespace: str | None) -> None:
        """The effect of a DELETE: the id is removed only from the list of the given namespace."""
        self.messages.pop(memory_id, None)
        self.contexts.pop(memory_id, None)
        self.listed[namespace] = [one for one in self.listed[namespace] if one != memory_id]


class _Handler(BaseHTTPRequestHandler):
    motorhead: OriginalMotorhead
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts, query = self._parts()
        match parts:
            case [""]:
                self._answer({"now": 0})
            case ["sessions"]:
                page, size = int(query.get("page", "1")), int(query.get("size", "10"))
                ids = self.motorhead.listed[query.get("namespace")]
                self._answer(ids[(page - 1) * size : page * size])
            case ["sessions", memory_id, "memory"]:
                messages = self.motorhead.messages.get(memory_id, [])
                context = self.motorhead.contexts.get(memory_id)
                self._answer({"messages": messages[::-1], "context": context, "tokens": 0})
            case _:
                self._answer(None, 404)

    def do_POST(self) -> None:
        parts, query = self._parts()
        posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
        match parts:
            case ["sessions", memory_id, "memory"]:
                self.motorhead.append(memory_id, posted["messages"], query.get("namespace"))
                if "context" in posted:
                    self.motorhead.contexts[memory_id] = posted["context"]
                self._answer({"status": "Ok"})
            case ["sessions", _, "retrieval"]:
                self._send(b"Long term memory is disabled", 400)
            case _:
                self._answer(None, 404)

    def do_DELETE(self) -> None:
        parts, query = self._parts()
        match parts:
            case ["sessions", memory_id, "memory"]:
                self.motorhead.delete(memory_id, query.get("namespace"))
                self._answer({"status": "Ok"})
            case _:
                self._answer(None, 404)

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(None, 404)

    def log_message(self, *_: object) -> None:
        pass

    def _parts(self) -> tuple[list[str], dict[str, str]]:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        return [unquote(part) for part in address.path[1:].split("/")], query

    def _answer(self, answer: Any, status: int = 200) -> None:
        self._send(b"" if answer is None else json.dumps(answer).encode(), status)

    def _send(self, body: bytes, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
