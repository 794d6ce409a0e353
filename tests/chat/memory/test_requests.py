"""What refusals of a Motörhead server mean."""

from __future__ import annotations

import httpx
import pytest

from chat.domain.exceptions import MemoryRefused, MemoryServerError, MemoryUnreachable, SessionGone, TurnConflict
from chat.memory.client import MemoryClient
from chat.memory.requests import MEANINGS, call_of, path_of, refusal


@pytest.mark.parametrize("code", MEANINGS)
@pytest.mark.parametrize("status", [409, 412])
def test_a_code_says_what_a_refusal_means(code: str, status: int) -> None:
    """Our own server names the reason by a code, whatever the status is."""
    body = {"error": "No.", "code": code}
    assert type(refusal(httpx.Response(status, json=body))) is MEANINGS[code]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(412, SessionGone), (409, TurnConflict), (503, MemoryUnreachable), (429, MemoryUnreachable), (404, MemoryRefused)],
)
def test_without_a_code_the_status_does(status: int, kind: type[MemoryServerError]) -> None:
    """Other servers, and codes of later versions, are understood by their status."""
    assert type(refusal(httpx.Response(status))) is kind
    assert type(refusal(httpx.Response(status, json={"error": "No.", "code": "of tomorrow"}))) is kind


def test_a_failing_server_may_say_why() -> None:
    """The sentence of a 503 is kept: it may be the model that cannot be reached."""
    found = refusal(httpx.Response(503, json={"error": "The model cannot be reached."}))
    assert isinstance(found, MemoryUnreachable)
    assert found.answer == "The model cannot be reached."


@pytest.mark.parametrize(
    ("memory_id", "path"), [("o.s", "/sessions/o.s"), ("..", "/sessions/%2E%2E"), ("a/b?", "/sessions/a%2Fb%3F")]
)
def test_any_id_is_one_part_of_the_path(memory_id: str, path: str) -> None:
    """No id leads to another path."""
    assert path_of(memory_id) == path


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", f"{path_of('o.s')}/memory", "GET memory"),
        ("POST", f"{path_of('a/b')}/summaries/3/restore", "POST summaries"),
        ("PATCH", path_of("memory"), "PATCH session"),
        ("GET", "/sessions", "GET sessions"),
        ("GET", "/search", "GET search"),
    ],
)
def test_a_call_is_named_without_the_session(method: str, path: str, name: str) -> None:
    """The names of calls are few, however many sessions there are."""
    assert call_of(method, path) == name


def scripted(*statuses: int) -> httpx.MockTransport:
    """Answers with these statuses."""
    left = list(statuses)
    return httpx.MockTransport(lambda _: httpx.Response(left.pop(0), json={"messages": [], "context": None}))


async def test_each_request_is_reported_with_its_time_and_its_error() -> None:
    """A refusal has its code, a success none."""
    heard: list[tuple[str, str]] = []

    def hear(call: str, seconds: float, code: str) -> None:
        assert 0 <= seconds < 60
        heard.append((call, code))

    memory = MemoryClient("http://127.0.0.1:1", transport=scripted(200, 503, 200), on_answer=hear)
    for _ in range(2):
        await memory.get_memory("o.s")
    assert heard == [("GET memory", ""), ("GET memory", "memory_unreachable"), ("GET memory", "")]
