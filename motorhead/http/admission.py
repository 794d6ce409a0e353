"""Which requests are admitted: with a token, those that send it; without one, those that no other site can have sent.

Without a token, any page that a user of this machine opens could otherwise read and change every session: a browser
sends a page's requests to this server under the page's own name (DNS rebinding), or to this server's name blindly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hmac import compare_digest
from ipaddress import ip_address

from environment.values import shortened
from motorhead.exceptions import BadRequest, Forbidden, Unauthorized
from motorhead.http.requests import Header, Request

#: Raises `RequestError`: the request is not admitted.
Admission = Callable[[Request], None]

HOST, ORIGIN, SITE = b"host", b"origin", b"sec-fetch-site"
#: The header in which clients of the hosted service send their key.
HOSTED_KEY = b"x-metal-api-key"
#: A name or an address, with or without a port, as in a Host header.
NAMED = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,254})(:[0-9]{0,5})?", re.IGNORECASE)
#: The most Host headers to remember as accepted.
REMEMBERED = 100


def admission(token: str | None, listens_on: str, allowed: Iterable[str]) -> Admission:
    """The check for a server with this token, or, without one, for these hosts in addition to the loopback names."""
    return TokenHolders(token).check if token is not None else OwnNames([listens_on, *allowed]).check


class TokenHolders:
    """Admits requests that send ``token``, as a bearer token or as the key of the hosted service."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def check(self, request: Request) -> None:
        """Raises `Unauthorized`: the request does not send the token."""
        if not compare_digest(_offered(request), self._token):
            raise Unauthorized("This server requires its token: Authorization: Bearer <MOTORHEAD_TOKEN>.")


def _offered(request: Request) -> bytes:
    """The token that a request sends; b"" without one."""
    scheme, _, token = request.header(b"authorization").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else request.header(HOSTED_KEY)


class OwnNames:
    """Admits requests to a loopback name or to one of ``hosts``, unless a page of another origin sent them."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = {_plain(host) for host in hosts}
        self._accepted: set[bytes] = set()

    def check(self, request: Request) -> None:
        """Raises `BadRequest`: there is not exactly one Host; `Forbidden`: the host or the sender is a foreign one."""
        headers, lines = request.headers, request.header_lines
        repeated = len(headers) != len(lines)
        if repeated or headers.get(HOST) not in self._accepted or ORIGIN in headers or SITE in headers:
            self._examine(lines)

    def _examine(self, lines: list[Header]) -> None:
        hosts = [value for name, value in lines if name == HOST]
        if len(hosts) != 1 or not hosts[0]:
            raise BadRequest("A request must have exactly one Host header.")
        self._check_host(hosts[0])
        own = hosts[0].lower()
        for name, value in lines:
            elsewhere = name == ORIGIN and value.lower().partition(b"://")[2] != own
            if elsewhere or (name == SITE and value.lower() == b"cross-site"):
                raise Forbidden(
                    "Requests from pages of other origins are refused. Set MOTORHEAD_TOKEN, and send the token instead."
                )

    def _check_host(self, host: bytes) -> None:
        written = host.decode("latin-1")
        named = NAMED.fullmatch(written)
        if not (named and self._is_own(_plain(named[1]))):
            raise Forbidden(
                f"The host {shortened(written)} is not allowed without a token. "
                "Set MOTORHEAD_TOKEN, or add the host to MOTORHEAD_ALLOWED_HOSTS."
            )
        if len(self._accepted) < REMEMBERED:
            self._accepted.add(host)

    def _is_own(self, name: str) -> bool:
        return name == "localhost" or name in self._hosts or _is_loopback(name)


def _plain(host: str) -> str:
    """``host`` in lower case, without brackets and a final dot; addresses in their usual form."""
    name = host.strip("[]").lower().removesuffix(".")
    try:
        return str(ip_address(name))
    except ValueError:
        return name


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
