"""Checks addresses: only those pass that every client in this project accepts. Pure, like ``values``.

No error message quotes an address, because it may contain a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Set
from typing import TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from environment.values import ForAnother, Refused, line, shortened

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

HTTP = ("http", "https")
REDIS = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
POSTGRESQL = ("postgresql", "postgres")
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 2000

HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
ENDS_IN_NUMBER = re.compile(r"(.*\.)?[0-9]+\.?")
LIKE_AN_ADDRESS = re.compile(r"[0-9.]*\.[0-9.]*|.*:.*")
PORT = re.compile(r":([0-9]{1,5})")
DATABASE = re.compile(r"[0-9]{1,5}")
#: What conda sets HOST to, such as x86_64-conda-linux-gnu.
PLATFORM = re.compile(r"\w+-\w+-(linux|darwin|apple)(-?\w+)*(\.\d+)*")
SUB_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
SENTINELS = re.compile(
    r"(?P<scheme>rediss?)\+sentinel://(?P<login>[^/?#]*@)?(?P<hosts>[^/?#@]*)/(?P<path>[^/?#]+(/[^/?#]*)?)(?P<options>\?.*)?"
)
SENTINEL_PORT = ":26379"
SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}
TLS_OPTIONS = {"ssl_cert_reqs", "ssl_check_hostname", "ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"}
NO_HOST = "has no host that can be looked up. Write an IP address or a name, with non-ASCII letters in xn-- form."


def http_address(written: str) -> str:
    """The address of an HTTP server, without a trailing slash."""
    parts = _split(written, HTTP)
    _host_and_port(parts)
    if "?" in written or "#" in written:
        raise Refused("contains a ? or #. Write only the part before it: paths are appended to the address.")
    return written.rstrip("/")


def model_address(written: str) -> str:
    """The address of an OpenAI-compatible server, without a trailing slash."""
    address = http_address(written)
    if "@" in urlsplit(address).netloc:  # the only Authorization header carries the key
        raise Refused("contains a user or a password. Leave them out: a model is sent only its key (OPENAI_API_KEY).")
    return address


def without_login(address: str) -> str:
    """``address`` without its user and password, safe to show to anyone."""
    if parts := SENTINELS.fullmatch(address):  # its options may contain the sentinels' own password
        return f"{parts['scheme']}+sentinel://{parts['hosts']}/{parts['path']}"
    split = urlsplit(address)
    return urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))


def redis_address(written: str) -> str:
    """The address of a Redis server: ``redis://``, ``rediss://`` (TLS), ``unix://``, or one that names sentinels.

    Of the first two, several hosts may be named, with commas between them: nodes of a Cluster.
    """
    if written.startswith(("redis+sentinel://", "rediss+sentinel://")):
        return _sentinels_address(written)
    parts = _split(written, REDIS)
    if parts.scheme == "unix":
        _check_socket(parts)
        database = ""
    else:
        for each in parts.netloc.rpartition("@")[2].split(","):
            _host_and_port(parts._replace(netloc=each))
        database = parts.path.strip("/")
    _check_options(parts, database)
    return written.rstrip("/")


def _sentinels_address(written: str) -> str:
    """``redis+sentinel://user:password@host:port,host:port/service/database``, or the same by TLS."""
    if (parts := SENTINELS.fullmatch(written)) is None:
        raise Refused("names no service, or has a / ? or # in its login. Write redis+sentinel://host:26379/mymaster/0.")
    scheme, login, hosts, path, options = (part or "" for part in parts.group(*SENTINELS.groupindex))
    _split(f"{scheme}+sentinel://{login}host/{path}{options}", REDIS)
    for each in hosts.split(","):
        _host_and_port(urlsplit(f"{scheme}://{each}"))
    _check_options(urlsplit(f"{scheme}://host{options}"), path.rstrip("/").partition("/")[2], SENTINEL_OPTIONS)
    return written.rstrip("/")


def servers_in(address: str) -> list[str]:
    """The addresses of the single servers in ``address``, without logins: of its sentinels, if it names some."""
    if address.startswith("unix://"):
        return [address]
    if (parts := SENTINELS.fullmatch(address)) is None:
        split = urlsplit(without_login(address))
        return [urlunsplit(split._replace(netloc=each)) for each in split.netloc.split(",")]
    servers = [f"{parts['scheme']}://{host}" for host in parts["hosts"].split(",")]
    return [server if urlsplit(server).port else server + SENTINEL_PORT for server in servers]


def database_address(written: str) -> str:
    """The address of a database in PostgreSQL. A host that is the path of a socket's folder is written with %2F."""
    parts = _split(written, POSTGRESQL)
    if "#" in written:
        raise Refused("contains a #. In a password, write %23 for it.")
    named = parts.netloc.rpartition("@")[2]
    if named and not named.lower().startswith("%2f"):
        _host_and_port(parts)
    if not parts.path.strip("/"):
        raise Refused("names no database. Write it behind the host: postgresql://user:password@host:5432/chat.")
    return written


def host(written: str) -> str:
    """A name or an address of this machine to listen on."""
    if PLATFORM.fullmatch(written):
        raise ForAnother(f"is {shortened(written)}, a compiler's platform. Write a name or an address of this machine.")
    try:
        line(written).encode("idna")  # resolvers do this first; afterwards they raise only OSError
    except ValueError:
        raise Refused(f"is {shortened(written)}. Write a name or an address of this machine.") from None
    if LIKE_AN_ADDRESS.fullmatch(written) and not _is_address(written):
        raise Refused(f"is {shortened(written)}, which is no IP address. Write a name or an address of this machine.")
    return written


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])  # without the zone of a link-local address
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``: a name, an address, or an IPv6 address in brackets."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def host_names(written: str) -> tuple[str, ...]:
    """Names and addresses of hosts, without ports, separated by spaces. IPv6 addresses are in brackets."""
    try:
        return tuple(_checked_host(each) for each in written.split())
    except Refused:
        raise Refused(
            f"is {shortened(written)}. Write names and addresses without ports, separated by spaces: memory [fd00::1]."
        ) from None


def networks(written: str) -> list[Network]:
    """Addresses and networks of IPv4 and IPv6, separated by spaces."""
    try:
        return list(map(ipaddress.ip_network, written.split()))
    except ValueError:
        raise Refused(
            f"is {shortened(written)}. Write addresses and networks, separated by spaces: 127.0.0.1 10.0.0.0/8."
        ) from None


def origin(written: str) -> str:
    """An origin as browsers write it: scheme, host, and the port unless it is the scheme's default."""
    parts = _split(written, HTTP)
    name, port = _host_and_port(parts)
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise Refused("contains more than scheme, host and port. Write an origin such as https://example.org.")
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, DEFAULT_PORTS[parts.scheme]} else "")


def site_address(written: str) -> str:
    """The address of a site: an `origin`, and the path below which the site is, if any, without a trailing slash."""
    parts = _split(written, HTTP)
    path = parts.path.rstrip("/")
    if "?" in written or "#" in written:
        raise Refused("contains a ? or #. Write an address such as https://example.org or https://example.org/chat.")
    if path and not SUB_PATH.fullmatch(path):
        raise Refused("has a path with unusual characters. Write one of letters, digits and hyphens, such as /chat.")
    return origin(urlunsplit(parts._replace(path=""))) + path


def origins(written: str) -> list[str]:
    """Origins, separated by spaces."""
    return [origin(each) for each in written.split()]


def _split(written: str, schemes: tuple[str, ...]) -> SplitResult:
    beginnings = tuple(f"{scheme}://" for scheme in schemes)
    if not written.startswith(beginnings):
        raise Refused(f"has no scheme, or the wrong one. Begin with {' or '.join(beginnings)}.")
    if len(written) > LONGEST or not written.isprintable() or " " in written:
        raise Refused(f"is longer than {LONGEST} characters, or contains a space or line end. Write %20 for a space.")
    try:
        return urlsplit(written)
    except ValueError:  # unbalanced brackets
        raise Refused(NO_HOST) from None


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    """The host (an IPv6 address in brackets) and port in an address; a port of None is the scheme's default."""
    named = parts.netloc.rpartition("@")[2]
    bracketed = named.startswith("[")
    host, end, rest = named.partition("]") if bracketed else (named.partition(":")[0], "", "")
    rest = rest if bracketed else named.removeprefix(host)
    port = PORT.fullmatch(rest)
    if rest and not (port and 1 <= int(port[1]) <= 65_535):
        raise Refused("has no port from 1 to 65535 after its host. In a password, write %23 for # and %2F for /.")
    return _checked_host(host + end), int(port[1]) if port else None


def _checked_host(host: str) -> str:
    try:
        if host.startswith("[") and "%" not in host:
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        if ENDS_IN_NUMBER.fullmatch(host):
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise Refused("has a numeric host that is not an IP address. Write one like 127.0.0.1 or [::1].") from None
    if not HOST_NAME.fullmatch(host):
        raise Refused(NO_HOST)
    return host.lower()


def _check_socket(parts: SplitResult) -> None:
    if parts.netloc.rpartition("@")[2] or not parts.path.strip("/") or "\0" in unquote(parts.path):
        raise Refused("names no socket. Write unix:///path/to/the.sock.")


def _check_options(parts: SplitResult, database: str, others: Set[str] = frozenset()) -> None:
    allowed = {"db"} | others | (TLS_OPTIONS if parts.scheme == "rediss" else set())
    options = parse_qsl(parts.query, keep_blank_values=True)
    if unknown := {name for name, _ in options} - allowed:
        if unknown <= TLS_OPTIONS and parts.scheme == "redis":
            raise Refused("has options of TLS, but does not use it. Begin with rediss instead of redis.")
        raise Refused(f"has an unknown option after its ?. The known ones are: {', '.join(sorted(allowed))}.")
    given = dict(options)
    for number in filter(None, (database, given.get("db"))):
        if not DATABASE.fullmatch(number):
            raise Refused("has a database that is not a number. Write a number, as in redis://localhost/0.")
    if given.get("ssl_cert_reqs", "none") not in {"none", "optional", "required"}:
        raise Refused("has an unknown ssl_cert_reqs. Write none, optional or required.")
    if given.get("ssl_check_hostname", "true").lower() not in {"true", "false", "yes", "no", "1", "0"}:
        raise Refused("has an unknown ssl_check_hostname. Write true or false.")
    if parts.fragment:
        raise Refused("contains a #. In a password, write %23 for it.")
