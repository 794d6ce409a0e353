"""Tells requests of this machine's own user from all others, which may come through a proxy or another site's page."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.http.request import split_domain_port

from chat.domain.hosts import is_loopback

#: Headers that proxies add: the peer is then the proxy, and not the client.
FORWARDED = re.compile(r"(?i)forwarded|via|x-(forwarded|original|real|client|cluster|envoy)-.*|true-client-ip|cf-.*")


def is_from_this_machine(request: HttpRequest) -> bool:
    """Whether the request came from this machine without a proxy, and names it in its Host.

    The Host keeps out pages of other sites whose name has been made to mean this machine.
    """
    peer = request.META.get("REMOTE_ADDR") or ""
    host = split_domain_port(request.META.get("HTTP_HOST", ""))[0].strip("[]")
    return is_loopback(peer) and is_loopback(host) and not any(map(FORWARDED.fullmatch, request.headers))
