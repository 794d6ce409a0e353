"""Sessions on the site under test."""

from __future__ import annotations

import httpx

from tests.support.cookies import csrf_token
from tests.support.html import Element, parse
from tests.support.servers import Site


def remember(site: Site, memory_id: str, *said: str) -> None:
    """Append messages to a session as any Motörhead client would."""
    body = {"messages": [{"role": "AI" if n % 2 else "Human", "content": text} for n, text in enumerate(said)]}
    httpx.post(f"{site.record()['memory']}/sessions/{memory_id}/memory", json=body, trust_env=False).raise_for_status()


def memory_id_on(page: Element) -> str:
    return page.all("div", id="session")[0].attributes["data-session"]


def delete(visitor: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return visitor.post(path, headers={"X-CSRFToken": csrf_token(visitor), **headers})


def remember_own(site: Site, visitor: httpx.Client, name: str) -> None:
    """Create a session of the visitor, listed with their others."""
    memory_id = memory_id_on(parse(visitor.get(f"/s/{name}").text))
    namespace = f"chat.{memory_id.split('.')[0]}"
    httpx.post(
        f"{site.record()['memory']}/sessions/{memory_id}/memory",
        params={"namespace": namespace},
        json={"messages": [{"role": "Human", "content": name}]},
        trust_env=False,
    ).raise_for_status()
