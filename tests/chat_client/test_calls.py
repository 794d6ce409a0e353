"""Calls that are repeated, and answers that are errors, against servers that do not answer as they should."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chat_client import LimitReached, NotUnderstood, TurnInProgress, Unreachable, calls
from chat_client.calls import Calls, path
from chat_client.records import Ticket

#: What a server does with a request: None closes the connection without an answer.
Reaction = tuple[int, dict[str, str], bytes] | None
OK: Reaction = (200, {}, b'{"ticket": "t", "expires_in": 60}')


@contextmanager
def server(reactions: Sequence[Reaction]) -> Iterator[tuple[str, list[str]]]:
    """The address of a server with these reactions, the last of them again and again; and the requests so far."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reaction = reactions[min(len(requests), len(reactions) - 1)]
            requests.append(f"{self.command} {self.path}")
            if reaction is not None:
                status, headers, body = reaction
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - a name of the standard library's

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as up:
        thread = Thread(target=up.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{up.server_port}", requests
        finally:
            up.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries."""
    monkeypatch.setattr(calls, "PAUSES", (0.0, 0.0))


async def read(url: str, method: str = "GET", **options: object) -> Ticket:
    """The answer to one call."""
    client = Calls(url, "token")
    try:
        return await client.read(Ticket, method, "/x", **options)
    finally:
        await client.close()


@pytest.mark.parametrize(("method", "headers"), [("GET", {}), ("POST", {"Idempotency-Key": "k"})])
async def test_a_call_that_may_be_repeated_is_repeated(method: str, headers: dict[str, str]):
    """A connection that a killed worker has left behind costs nothing, nor does a proxy that finds no worker."""
    with server([None, (502, {}, b"<h1>Bad Gateway</h1>"), OK]) as (url, requests):
        assert (await read(url, method, headers=headers)).ticket == "t"
    assert requests == [f"{method} /api/v1/x"] * 3


async def test_a_call_that_may_not_be_repeated_is_not():
    """Nobody knows whether it was carried out."""
    with server([None, OK]) as (url, requests), pytest.raises(Unreachable, match="does not answer"):
        await read(url, "POST")
    assert len(requests) == 1


async def test_a_site_that_stays_away_is_unreachable():
    """After the last try."""
    with server([None]) as (url, requests), pytest.raises(Unreachable):
        await read(url)
    assert len(requests) == 3


async def test_a_problem_document_is_an_error():
    """With its code, sentence, status, and the seconds to wait."""
    body = b'{"detail": "Slow down.", "code": "too_many_pages", "retryable": true}'
    with server([(429, {"Retry-After": "17"}, body)]) as (url, _), pytest.raises(LimitReached, match="Slow down") as e:
        await read(url)
    assert (e.value.code, e.value.status, e.value.retry_after, e.value.retryable) == ("too_many_pages", 429, 17.0, True)
    body = b'{"detail": "Busy.", "code": "turn_in_progress", "retryable": true, "turn_id": "t1"}'
    with server([(409, {}, body)]) as (url, _), pytest.raises(TurnInProgress) as busy:
        await read(url)
    assert busy.value.turn_id == "t1"


@pytest.mark.parametrize("status", [200, 302, 404, 500])
async def test_another_program_is_not_understood(status: int):
    """Its page is no answer, and no error of this API either."""
    with server([(status, {}, b"<h1>Welcome</h1>")]) as (url, _), pytest.raises(NotUnderstood) as error:
        await read(url)
    assert error.value.status == HTTPStatus(status)


def test_a_path_keeps_an_id_in_one_piece():
    """Whatever is in it."""
    assert path("sessions", "trip", "messages", "a/b?c") == "/sessions/trip/messages/a%2Fb%3Fc"
