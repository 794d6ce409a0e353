"""Why a server cannot be used."""

from __future__ import annotations

import errno
import ssl

import pytest

from redis_link.address import Address
from redis_link.exceptions import ConnectionLost, StoreRefused
from redis_link.reasons import reason
from redis_link.tls import Tls

OF_SEVERAL = "Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), [Errno 111] Connect call failed"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "it does not answer."),
        (TimeoutError(), "it does not answer."),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "Connection refused."),
        (OSError(OF_SEVERAL), "Connection refused."),
        (OSError(-2, "Name or service not known"), "Name or service not known."),
        (StoreRefused("WRONGPASS invalid"), "WRONGPASS invalid."),
        (StoreRefused("NOAUTH Authentication required."), "it wants a password, as in redis://:password@host."),
        (StoreRefused("ERR unknown command 'SENTINEL', with args"), "it is not a sentinel."),
        (
            StoreRefused("ERR unknown command 'SCRIPT'"),
            "it is a sentinel; write redis+sentinel://host:26379/mymaster/0.",
        ),
        (ssl.SSLError(1, "[SSL: NO_CIPHERS] no ciphers (_ssl.c:1006)"), "TLS failed: no ciphers."),
    ],
)
def test_it_is_said_in_words_for_people(error: Exception | None, said: str) -> None:
    """Neither a line of a library's source nor the name of its call is in the sentence."""
    assert reason(error, Address("h", 1)) == said


@pytest.mark.parametrize(
    ("address", "named"),
    [
        (Address("h", 1), "If it speaks TLS, write rediss://"),
        (Address("h", 1, tls=Tls()), "certificate of its clients, name one with ssl_certfile"),
        (Address("h", 1, tls=Tls(certificate="/f")), "not accept the certificate in ssl_certfile"),
        (Address("", 0, path="/s"), "before it answered."),
    ],
)
def test_a_server_that_ends_the_connection_is_explained(address: Address, named: str) -> None:
    """TLS is most often the cause: the server expects it, or a certificate."""
    assert named in reason(ConnectionLost("lost"), address)


def test_a_server_without_tls_is_explained() -> None:
    """It answers something else, or waits for the end of what it takes for a command."""
    for error in (TimeoutError(), not_tls()):
        assert "write redis:// instead of rediss://" in reason(error, Address("h", 1, tls=Tls()))


def not_tls() -> ssl.SSLError:
    """The error of a client that was answered something else."""
    incoming = ssl.MemoryBIO()
    incoming.write(b"-ERR unknown command\r\n")
    tls = ssl.create_default_context().wrap_bio(incoming, ssl.MemoryBIO(), server_hostname="h")
    with pytest.raises(ssl.SSLError) as raised:
        tls.do_handshake()
    return raised.value
