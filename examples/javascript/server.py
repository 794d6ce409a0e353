"""A web server for the example: its files, the client, and tickets. Your own server would know who is signed in.

CHAT_TOKEN=… python3 server.py [port]
"""

import json
import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
CLIENT = HERE.parent.parent / "static" / "chat"
CHAT = os.environ.get("CHAT_URL", "http://127.0.0.1:8000")
TOKEN = os.environ["CHAT_TOKEN"]  # of a service; it never leaves this server


class Handler(SimpleHTTPRequestHandler):
    """Serves files, and at /ticket a ticket for the user who asks."""

    def translate_path(self, path: str) -> str:
        folder = CLIENT if path.startswith("/client") else HERE
        return str(folder / (path.split("?")[0].strip("/") or "index.html"))

    def do_GET(self) -> None:
        if self.path == "/address":
            self.answer({"chat": CHAT})
        elif Path(self.translate_path(self.path)).suffix in {".html", ".js", ".css"} and ".." not in self.path:
            super().do_GET()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        asked = Request(f"{CHAT}/api/v1/ticket", json.dumps({"owner": "user-42"}).encode(), headers)  # noqa: S310
        with urlopen(asked) as answer:  # noqa: S310
            self.answer(json.load(answer))

    def answer(self, body: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8100), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
