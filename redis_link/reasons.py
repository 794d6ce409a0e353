"""Why a server cannot be used, in words for the people who run it."""

from __future__ import annotations

import os
import re
import ssl

from redis_link.address import Address
from redis_link.exceptions import ConnectionLost

#: The number of an error in the text of asyncio, which joins those of several addresses without a number of its own.
NUMBER = re.compile(r"\[Errno (\d+)\]")
#: What OpenSSL calls an answer that is not TLS.
NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}
WITHOUT_TLS = "write redis:// instead of rediss://"
#: The name in front of a sentence of OpenSSL, and the line of its source behind it.
SOURCE = re.compile(r"^\[[^\]]*\] ?| ?\(_ssl\.c:\d+\)$")


def reason(error: BaseException | None, address: Address) -> str:
    """Why no connection to ``address`` can be used, as the end of a sentence."""
    match error:
        case None | TimeoutError():
            said = "it does not answer" + (f". If it does not speak TLS, {WITHOUT_TLS}" if address.tls else "")
        case ConnectionLost():
            said = f"it ended the connection before it answered{_hint(address)}"
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not accepted: {error.verify_message or error}"
        case ssl.SSLError(reason=code) if code in NO_TLS:
            said = f"it does not speak TLS; {WITHOUT_TLS}"
        case ssl.SSLError():
            said = f"TLS failed: {SOURCE.sub('', str(error.strerror or error))}"
        case OSError():
            said = _of_system(error)
        case _:
            said = str(error)
    return said.rstrip(".") + "."


def _hint(address: Address) -> str:
    """What most often ends a connection at once."""
    if address.path:
        return ""
    if address.tls is None:
        return ". If it speaks TLS, write rediss:// instead of redis://"
    if address.tls.certificate is None:
        return ". If it demands a certificate of its clients, name one with ssl_certfile"
    return ". It may not accept the certificate in ssl_certfile"


def _of_system(error: OSError) -> str:
    """The system's own words. asyncio's, about a connection that failed, are for programmers."""
    found = NUMBER.search(str(error))
    known = error.errno if error.errno is None or error.errno > 0 else None
    number = known or (int(found[1]) if found else None)
    return os.strerror(number) if number else str(error.strerror or error)
