"""Signs of life to whatever started this process, in systemd's protocol: https://systemd.io/NOTIFY_SOCKET/.

A process that is running, but whose event loop is stuck, sends none. The supervisor replaces it, and so does systemd
with ``Type=notify`` and ``WatchdogSec=``.
"""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress

from environment.values import Refused

#: Seconds between signs, if the starter does not say how long it waits for one.
PAUSE = 5.0


def notify_socket(written: str) -> str:
    """The path of a Unix socket, or ``@`` and a name in Linux's abstract namespace; "" for a socket of another kind."""
    if written.startswith("vsock"):  # from a virtual machine's host, which watches the machine and not this process
        return ""
    if not written.startswith(("/", "@")) or len(written.encode()) > 100:
        raise Refused("is not the path of a socket. Leave it to the program that starts this one.")
    return written


async def send_lifesigns(address: str, within: int) -> None:
    """Send signs of life to the socket at ``address`` without end; with an empty address, return at once.

    ``within``: microseconds after which a process without a sign is thought to hang; 0: not known. Signs that cannot
    be delivered are left out: the process must not end because nobody listens.
    """
    if not address:
        return
    pause = within / 1_000_000 / 3 if within else PAUSE
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        name = address.replace("@", "\0", 1) if address.startswith("@") else address
        message = b"READY=1\nWATCHDOG=1"
        while True:
            with suppress(OSError):
                sender.sendto(message, name)
                message = b"WATCHDOG=1"
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # many processes do not send at the same time
