"""Redis by TLS, demanding certificates of its clients: Debian's, since the Valkey of the wheel has no TLS."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from tests.support.servers import Server, free_port, start, wait_for_port
from tests.support.tls import Certificates

PROGRAM = "redis-server"


def start_tls_redis(folder: Path, certificates: Certificates, port: int | None = None, *options: str) -> Server:
    """A Redis that fsyncs every write to ``folder``, and takes connections by TLS alone."""
    keeping = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
    return _started(folder, certificates, port or free_port(), (*keeping, *options))


def start_tls_sentinel(folder: Path, certificates: Certificates, service: str, primary: int) -> Server:
    """A sentinel of the primary on port ``primary``, which talks to servers and clients by TLS alone."""
    configuration = folder / "sentinel.conf"
    configuration.write_text(
        f"sentinel monitor {service} 127.0.0.1 {primary} 1\nsentinel down-after-milliseconds {service} 1000\n"
    )
    return _started(folder, certificates, free_port(), ("--sentinel",), str(configuration))


def tls_options(certificates: Certificates) -> str:
    """The options of an address for clients with a certificate."""
    return urlencode({"ssl_ca_certs": certificates.authority, "ssl_certfile": certificates.client})


def _started(folder: Path, certificates: Certificates, port: int, options: tuple[str, ...], *first: str) -> Server:
    command = [
        PROGRAM, *first, *options, "--dir", str(folder), "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port),
        "--tls-cert-file", str(certificates.server), "--tls-key-file", str(certificates.server),
        "--tls-ca-cert-file", str(certificates.authority), "--tls-auth-clients", "yes",
        "--tls-replication", "yes", "--tls-cluster", "yes",
    ]  # fmt: skip
    url = f"rediss://localhost:{port}/0?{tls_options(certificates)}"
    server = start(command, url, log=folder / "redis.log")
    wait_for_port(server, port)
    return server
