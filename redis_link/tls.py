"""TLS to Redis, with the options of a ``rediss://`` address, which are those of redis-py."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from redis_link.exceptions import InvalidAddress

#: The values of ``ssl_check_hostname``, in capital letters; those of redis-py are among them.
_YES, _NO = ("TRUE", "YES", "1"), ("FALSE", "NO", "0")
_VERIFY = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


@dataclass(frozen=True, slots=True)
class Tls:
    """How to verify the server's certificate, and which one to show.

    ``verify``: "none", "optional" or "required". ``names``: whether the certificate has to name the server.
    ``authorities``: a file of certificates that are trusted besides the system's, ``authorities_folder``: a folder of
    such files. ``certificate`` and ``key``: files of the client's own.
    """

    verify: str = "required"
    names: bool = True
    authorities: str | None = None
    authorities_folder: str | None = None
    certificate: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """A context to connect with. Files are read each time, so that renewed certificates are used.

        Raises `InvalidAddress`: a file cannot be read, or contains no certificate or no key.
        """
        context = ssl.create_default_context()
        context.check_hostname = self.names and self.verify != "none"
        context.verify_mode = _VERIFY[self.verify]
        if self.certificate or self.key:
            with _explained("not a certificate and its key in PEM form", self.certificate, self.key):
                context.load_cert_chain(self.certificate or "", self.key)
        if self.authorities or self.authorities_folder:
            with _explained("no certificates in PEM form", self.authorities, self.authorities_folder):
                context.load_verify_locations(self.authorities, self.authorities_folder)
        return context


def tls_options(options: Mapping[str, str]) -> Tls:
    """The TLS options in the query of an address. Raises `InvalidAddress`: one is not valid."""
    verify = options.get("ssl_cert_reqs", "required")
    if verify not in _VERIFY:
        raise InvalidAddress("ssl_cert_reqs must be none, optional or required.")
    names = options.get("ssl_check_hostname", "true").upper()
    if names not in _YES + _NO:
        raise InvalidAddress("ssl_check_hostname must be true or false.")
    return Tls(
        verify=verify,
        names=names in _YES,
        authorities=options.get("ssl_ca_certs") or None,
        authorities_folder=options.get("ssl_ca_path") or None,
        certificate=options.get("ssl_certfile") or None,
        key=options.get("ssl_keyfile") or None,
    )


@contextmanager
def _explained(otherwise: str, *files: str | None) -> Iterator[None]:
    """Raises `InvalidAddress`: the ``files`` that are read meanwhile cannot be used."""
    try:
        yield
    except OSError as error:  # `ssl.SSLError` is one
        why = (otherwise if isinstance(error, ssl.SSLError) else error.strerror) or "unreadable"
        raise InvalidAddress(
            f"The certificates for Redis cannot be used: {', '.join(filter(None, files))} ({why})."
        ) from None
