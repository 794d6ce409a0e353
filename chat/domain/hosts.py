"""Names and addresses of hosts."""

from __future__ import annotations

import ipaddress
from urllib.request import getproxies, proxy_bypass


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, which is never reached through a proxy, whatever the environment says."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_to(scheme: str, host: str) -> str | None:
    """The address of the proxy to ``host``, if the environment names one."""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy
