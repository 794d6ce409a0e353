"""The options of ``serve``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatsite.folders import default_data
from environment.addresses import host
from environment.values import Refused
from supervisor.ports import LOOPBACK

MOST_WORKERS = 64
MOST_PORT = 65_535


@dataclass(frozen=True)
class Options:
    """The parsed options. Port 0 means any free port; ``data`` is an absolute path.

    ``host`` and ``port`` None: as in the settings. ``model_port`` None: the stand-in's usual port, or any if that is
    taken.
    """

    port: int | None = None
    memory_port: int = 8080
    model_port: int | None = None
    workers: int = 2
    data: Path = field(default_factory=default_data)
    host: str | None = None
    memory_host: str = LOOPBACK
    memory_workers: int = 1


def parse_options(
    arguments: Sequence[str], data: Callable[[str | None, int | None], Path] = lambda host, port: default_data()
) -> Options:
    """The options in ``arguments``. An invalid one prints a sentence and exits with status 2.

    ``data`` returns, for the host and the port, the folder for all stored data if ``arguments`` name none.
    """
    parser = argparse.ArgumentParser(
        prog="serve",
        description="Start the chat with everything it needs, keep it running, and stop it on Ctrl-C.",
        allow_abbrev=False,
    )
    ports, workers = _whole_number("port", 0, MOST_PORT), _whole_number("number of processes", 1, MOST_WORKERS)
    parser.add_argument("--host", type=_host, help="the address on which the site listens (127.0.0.1)")
    parser.add_argument("--port", type=ports, help="the site's port (8000; 0: any free port)")
    parser.add_argument("--memory-host", type=_host, default=LOOPBACK, help="that of the memory server (127.0.0.1)")
    parser.add_argument("--memory-port", type=ports, default=8080, help="the memory server's port (8080; 0: any)")
    parser.add_argument("--model-port", type=ports, help="the stand-in model's port (8081, if it is free; 0: any)")
    parser.add_argument("--workers", type=workers, default=2, help="number of web workers sharing the port (2)")
    parser.add_argument(
        "--memory-workers", type=workers, default=1, help="number of processes of the memory server (1)"
    )
    parser.add_argument("--data", type=_folder, help="folder for all stored data (CHAT_DATA, or var)")
    parsed = vars(parser.parse_args(arguments))
    return Options(**{**parsed, "data": parsed["data"] or data(parsed["host"], parsed["port"])})


def _host(text: str) -> str:
    if not text.strip():  # an unset shell variable, for example
        raise argparse.ArgumentTypeError("the host is empty: name one, or leave out the option")
    try:
        return host(text.strip())
    except Refused as refused:
        raise argparse.ArgumentTypeError(f"the host {refused}") from None


def _folder(text: str) -> Path:
    if not text.strip():  # an unset shell variable, for example: that must not mean the current folder
        raise argparse.ArgumentTypeError("the folder is empty: name one, or leave out --data")
    if text != text.strip() or not text.isprintable():  # settings and Valkey's configuration would strip it
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} begins or ends with a space, or is not printable: name another folder"
        )
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{text!r} begins with an unknown user's home: name another folder") from None


def _whole_number(what: str, least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"{text[:80]!r} is not a {what}: give a number from {least} to {most}")

    return convert
