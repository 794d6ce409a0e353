"""Why a server cannot be used, in words for the people who run it."""

from __future__ import annotations

import os
import re
import ssl

from redis_link.address import Address
from redis_link.exceptions import ConnectionLost, StoreRefused

#: The number of an error in the text of asyncio, which joins those of several addresses without a number of its own.
NUMBER = re.compile(r"\[Errno (\d+)\]")
#: What OpenSSL calls an answer that is not TLS.
NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}
#: OpenSSL's codes for a certificate that is not of a trusted authority.
UNTRUSTED = {18, 19, 20, 21}
#: What to say of refusals that only a programmer would understand, by their beginnings.
REFUSALS = {
    "NOAUTH": "it wants a password, as in redis://:password@host",
    "ERR unknown command 'SCRIPT'": "it is a sentinel; write redis+sentinel://host:26379/mymaster/0",
    "ERR unknown command 'SENTINEL'": "it is not a sentinel",
}
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
        case StoreRefused():
            said = next((why for word, why in REFUSALS.items() if str(error).startswith(word)), str(error))
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not accepted: {error.verify_message or error}{_authority(error, address)}"
        case ssl.SSLError(reason=code) if code in NO_TLS:
            said = f"it does not speak TLS; {WITHOUT_TLS}"
        case ssl.SSLError():
            said = f"TLS failed: {SOURCE.sub('', str(error.strerror or error))}"
        case OSError():
            said = _of_system(error)
        case _:
            said = str(error)
    return said.rstrip(".") + "."


def _authority(error: ssl.SSLCertVerificationError, address: Address) -> str:
    """What to name if nobody who is trusted has signed the certificate."""
    if error.verify_code not in UNTRUSTED or address.tls is None:
        return ""
    if address.tls.authorities or address.tls.authorities_folder:
        return ". It is not of the authority in ssl_ca_certs or ssl_ca_path"
    return ". If the authority is your own, name its certificate with ssl_ca_certs"


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
