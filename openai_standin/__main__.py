"""``python -m openai_standin``: serve until SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys

import uvicorn

from environment.listeners import url_of
from openai_standin.application import Application
from openai_standin.config import Config, read_config
from openai_standin.exceptions import ConfigurationError
from telemetry.logs import configure


def main() -> None:
    """Serve with the settings of the environment, or exit with an error."""
    try:
        config = read_config(os.environ)
        listener = _listener(config)
    except ConfigurationError as error:
        sys.exit(f"openai_standin: {error}")
    configure("model", as_json=config.log == "json")
    _tell(config, f"The stand-in model answers at {url_of(listener)}/v1 under the name {config.model}.")
    served = uvicorn.Config(
        Application(config), loop="uvloop", http="httptools", ws="none", lifespan="off", log_config=None,
        log_level="warning", access_log=False, proxy_headers=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    # uvicorn raises the signal that stopped it again when it is done; by then it has been handled.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(served).run(sockets=[listener])


def _tell(config: Config, sentence: str) -> None:
    """Say something to the starter of the stand-in; people read it on standard output."""
    if config.log == "json":
        logging.getLogger("openai_standin").info(sentence)
    else:
        print(sentence, flush=True)


def _listener(config: Config) -> socket.socket:
    """A listening socket, so that anyone who reads the printed address can connect at once."""
    try:
        family = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        where = f"STANDIN_HOST={config.host}, STANDIN_PORT={config.port}"
        raise ConfigurationError(f"Cannot listen there ({where}): {error.strerror or error}.") from error


if __name__ == "__main__":
    main()
