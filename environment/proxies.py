"""The proxies that the machine names for addresses elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from environment.addresses import is_loopback


def proxy_to(address: str) -> str | None:
    """The address of the proxy to the server at ``address``; None: it is reached directly, like all of this machine.

    Read from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; the proxy may be named without a scheme.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
