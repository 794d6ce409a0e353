"""``python -m openai_standin``: serve until SIGINT or SIGTERM."""

from __future__ import annotations

import os
import socket
import sys

import uvicorn

from openai_standin.application import Application
from openai_standin.config import Config, read_config
from openai_standin.exceptions import ConfigurationError

#: Seconds that answers under way have to end when the server stops; then they are cut.
GRACE = 2


def main() -> None:
    """Serve as the environment says, or exit with a sentence."""
    try:
        config = read_config(os.environ)
        listener = _listener(config)
    except ConfigurationError as error:
        sys.exit(f"openai_standin: {error}")
    host, port = listener.getsockname()[:2]
    print(f"The stand-in model {config.model} answers at http://{_bracketed(host)}:{port}/v1", flush=True)
    _server(config).run(sockets=[listener])


def _server(config: Config) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            Application(config), interface="asgi3", loop="uvloop", http="httptools", ws="none", lifespan="off",
            log_level="warning", access_log=False, proxy_headers=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )  # fmt: skip


def _listener(config: Config) -> socket.socket:
    """A socket that already accepts, so that who reads the line above can connect at once."""
    try:
        family = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        where = f"STANDIN_HOST={config.host}, STANDIN_PORT={config.port}"
        raise ConfigurationError(f"Cannot listen there ({where}): {error.strerror or error}.") from error


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    main()
