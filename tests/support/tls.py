"""A TLS server in front of a plain one, with certificates of an authority of the test's own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form: the authority's certificate, and certificate and key of a server and of a client."""

    authority: Path
    server: Path
    client: Path


def make_certificates(folder: Path, *names: str) -> Certificates:
    """Certificates for ``names`` (by default "localhost") and for a client, each in one file with its key."""
    authority = trustme.CA()
    files = Certificates(folder / "authority.pem", folder / "server.pem", folder / "client.pem")
    authority.cert_pem.write_to_path(files.authority)
    authority.issue_cert(*(names or ("localhost",))).private_key_and_cert_chain_pem.write_to_path(files.server)
    authority.issue_cert("client@example.org").private_key_and_cert_chain_pem.write_to_path(files.client)
    return files


@asynccontextmanager
async def tls_in_front_of(port: int, certificates: Certificates, *, of_clients: bool = False) -> AsyncIterator[int]:
    """The port of a TLS server that passes everything on to ``port``.

    ``of_clients``: whether it refuses clients that show no certificate.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates.authority))
    context.load_cert_chain(certificates.server)
    context.verify_mode = ssl.CERT_REQUIRED if of_clients else ssl.CERT_NONE

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, to_behind = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, to_behind), _pass_on(behind, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while read := await reader.read(65_536):
            writer.write(read)
            await writer.drain()
    writer.close()
