"""Without a token only programs of this machine are answered; no page of another site is, however it gets here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from motorhead.exceptions import RequestError, Unauthorized
from motorhead.http.admission import REMEMBERED, OwnNames, admission
from motorhead.http.requests import Request
from tests.support.servers import Server, running, start_memory_server

WHO = "/sessions/who/memory"
LOCAL = b"localhost:8080"


def request(*headers: tuple[bytes, bytes]) -> Request:
    """A request with these headers."""

    async def receive() -> dict[str, object]:
        raise AssertionError("The admission reads no body.")

    return Request("GET", b"/", b"", list(headers), receive)


def refused(*headers: tuple[bytes, bytes], listens_on: str = "127.0.0.1", allowed: tuple[str, ...] = ()) -> str:
    """Why a server without a token refuses a request with these headers; "" if it admits it, also the second time."""
    check = admission(None, listens_on, allowed)
    sentences = set()
    for _ in range(2):
        try:
            check(request((b"accept", b"*/*"), *headers))
            sentences.add("")
        except RequestError as error:
            sentences.add(f"{error.status} {error}")
    assert len(sentences) == 1
    return sentences.pop()


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LocalHost:1", "localhost.:8080", "127.0.0.1", "127.0.0.1:8080", "127.9.9.9:80",
     "[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]:8080"],
)  # fmt: skip
def test_loopback_names_are_admitted(host: str) -> None:
    """With any port: a container or a tunnel may change it."""
    assert refused((b"host", host.encode())) == ""


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost",
     "10.0.0.5", "0.0.0.0:8080", "[fd00::1]:8080", "user@localhost", "localhost:80:80", "localhost/", "::1", "[::1",
     "localhost evil.example", "localhost,evil.example", "löcalhost", "x" * 100_000],
)  # fmt: skip
def test_other_hosts_are_refused(host: str) -> None:
    """The sentence quotes the host, shortened, and names both settings."""
    sentence = refused((b"host", host.encode("latin-1")))
    assert sentence.startswith(f"403 The host '{host[:80]}")
    assert sentence.endswith("Set MOTORHEAD_TOKEN, or add the host to MOTORHEAD_ALLOWED_HOSTS.")
    assert len(sentence) < 300


@pytest.mark.parametrize(
    "host", ["memory:8080", "Memory.Example.", "10.0.0.5:80", "[fd00::1]:8080", "[FD00:0:0::1]", "localhost"]
)
def test_allowed_hosts_are_admitted(host: str) -> None:
    """Names in any case, addresses in any form, with any port; loopback names as well."""
    assert refused((b"host", host.encode()), allowed=("memory", "memory.example", "10.0.0.5", "[fd00::1]")) == ""


@pytest.mark.parametrize(
    ("listens_on", "host"), [("10.0.0.5", "10.0.0.5:8080"), ("fd00::1", "[fd00::1]:8080"), ("Memory", "memory")]
)
def test_the_host_that_the_server_listens_on_is_admitted(listens_on: str, host: str) -> None:
    """It is a name that the operator gave; the machine's other names are refused."""
    assert refused((b"host", host.encode()), listens_on=listens_on) == ""
    assert refused((b"host", b"other"), listens_on=listens_on).startswith("403 ")


@pytest.mark.parametrize(
    "origin",
    [b"https://evil.example", b"http://localhost:3000", b"http://localhost", b"null", b"", b"localhost:8080",
     b"chrome-extension://abc"],
)  # fmt: skip
def test_pages_of_other_origins_are_refused(origin: bytes) -> None:
    """Also those of other programs on this machine; the sentence names the token."""
    assert refused((b"host", LOCAL)) == ""
    sentence = refused((b"host", LOCAL), (b"origin", origin))
    assert sentence.startswith("403 Requests from pages of other origins are refused.")
    assert "MOTORHEAD_TOKEN" in sentence


def test_the_servers_own_origin_is_admitted() -> None:
    """It is the requested host, with either scheme (a proxy may speak TLS), in any case."""
    for origin in (b"http://localhost:8080", b"https://LOCALHOST:8080"):
        assert refused((b"host", LOCAL), (b"origin", origin)) == ""
    assert refused((b"host", LOCAL), (b"origin", b"http://localhost:8080"), (b"origin", b"http://evil")) != ""


@pytest.mark.parametrize(("site", "admitted"), [("cross-site", False), ("Cross-Site", False), ("same-site", True),
                                                ("same-origin", True), ("none", True)])  # fmt: skip
def test_what_a_browser_marks_as_cross_site_is_refused(site: str, *, admitted: bool) -> None:
    """A page's plain GET has no Origin, but it is marked."""
    assert (refused((b"host", LOCAL), (b"sec-fetch-site", site.encode())) == "") is admitted


def test_a_request_needs_exactly_one_host() -> None:
    """None, an empty one, and two, even equal ones, are 400."""
    for hosts in ([], [b""], [LOCAL, LOCAL], [LOCAL, b"evil.example"], [b"evil.example", LOCAL], [LOCAL, b""]):
        assert refused(*((b"host", host) for host in hosts)) == "400 A request must have exactly one Host header."


def test_few_hosts_are_remembered() -> None:
    """A client that varies its Host does not fill the memory, and is still answered."""
    names = OwnNames([])
    for port in range(2 * REMEMBERED):
        names.check(request((b"host", b"localhost:%d" % port)))
    assert len(names._accepted) == REMEMBERED


def test_with_a_token_only_the_token_counts() -> None:
    """Any host and origin is admitted with it, also as the hosted service's key, and none without it."""
    check = admission("s3cret", "127.0.0.1", ())
    foreign = [(b"host", b"evil.example"), (b"host", b"x"), (b"origin", b"null"), (b"sec-fetch-site", b"cross-site")]
    check(request(*foreign, (b"authorization", b"Bearer s3cret")))
    check(request(*foreign, (b"x-metal-api-key", b"s3cret")))
    offers = [(b"authorization", offered) for offered in (b"Bearer s3cre", b"s3cret", b"Basic s3cret", b"")]
    offers += [(b"x-metal-api-key", b"s3cre"), (b"x-metal-api-key", b""), (b"x-metal-client-id", b"s3cret")]
    for offer in offers:
        with pytest.raises(Unauthorized):
            check(request((b"host", LOCAL), offer))


@pytest.fixture(scope="module")
def named(valkey: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A memory server without a token that allows the host ``memory.example``."""
    log: Path = tmp_path_factory.mktemp("motorhead") / "memory.log"
    settings = {"MOTORHEAD_ALLOWED_HOSTS": "memory.example", "MOTORHEAD_SWEEP_SECONDS": "3600"}
    with running(start_memory_server(valkey.url, log, None, **settings)) as server:
        yield server


async def send(server: Server, line: str, *headers: str, body: str = "") -> tuple[int, str]:
    """The status and the body of the answer to exactly these lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
    length = [f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []
    writer.write("\r\n".join([line, *headers, *length, "Connection: close", "", body]).encode())
    answer = (await reader.read()).decode()
    writer.close()
    return int(answer.split(" ", 2)[1]), answer.partition("\r\n\r\n")[2]


async def test_a_rebound_page_can_neither_read_nor_write_nor_delete(named: Server) -> None:
    """Its requests carry its own name as Host. What is remembered stays unread and unchanged."""
    body = json.dumps({"messages": [{"role": "Human", "content": "private"}]})
    assert (await send(named, f"POST {WHO} HTTP/1.1", "Host: memory.example", body=body))[0] == 200
    evil = ("Host: evil.example", "Origin: http://evil.example", "Sec-Fetch-Site: same-origin")
    for line in (f"GET {WHO}", f"POST {WHO}", f"DELETE {WHO}", "GET /sessions", "GET /metrics", "GET /openapi.json"):
        status, answer = await send(named, f"{line} HTTP/1.1", *evil, body=body if "POST" in line else "")
        assert status == 403
        assert "MOTORHEAD_ALLOWED_HOSTS" in json.loads(answer)["error"]
    _, kept = await send(named, f"GET {WHO} HTTP/1.1", "Host: localhost")
    assert [message["content"] for message in json.loads(kept)["messages"]] == ["private"]


async def test_a_foreign_page_cannot_send_blindly(named: Server) -> None:
    """A form or a fetch of another page to this server's name is refused before anything is done."""
    for path in ("/sessions/who/fold", "/sessions/who/summaries/1/restore"):
        for mark in ("Origin: https://evil.example", "Sec-Fetch-Site: cross-site"):
            status, answer = await send(named, f"POST {path} HTTP/1.1", "Host: 127.0.0.1", mark)
            assert status == 403
            assert "other origins" in json.loads(answer)["error"]


@pytest.mark.parametrize(
    ("version", "hosts"), [("1.1", ()), ("1.0", ()), ("1.1", ("Host: localhost", "Host: localhost"))]
)
async def test_no_host_and_two_are_answered_400(named: Server, version: str, hosts: tuple[str, ...]) -> None:
    """On the wire as well, and in HTTP/1.0."""
    status, answer = await send(named, f"GET {WHO} HTTP/{version}", *hosts)
    assert (status, json.loads(answer)) == (400, {"error": "A request must have exactly one Host header."})


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz"])
async def test_probes_are_answered_under_any_name(named: Server, path: str) -> None:
    """A kubelet's probe has the pod's address as Host, and a simple monitor has none."""
    for hosts in (["Host: 10.1.2.3:8080"], []):
        assert (await send(named, f"GET {path} HTTP/1.1", *hosts))[0] == 200
