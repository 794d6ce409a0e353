"""Callers of the API: an owner with a token, whose sessions the test fills as any Motörhead client would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from django.test import override_settings

from chat.web.tokens import issue_token
from tests.support.servers import PATIENCE, Site


def token_of(site: Site, owner: str) -> str:
    """A bearer token for ``owner``, signed with the site's key."""
    with override_settings(SECRET_KEY=(site.data / "secret_key").read_text()):
        return issue_token(owner, timedelta(hours=1))


class Caller(httpx.Client):
    """A client of ``/api/v1`` with the token of ``owner``."""

    def __init__(self, site: Site, owner: str) -> None:
        self.site = site
        self.owner = owner
        self._memory = httpx.Client(base_url=site.record()["memory"], trust_env=False, timeout=60 * PATIENCE)
        super().__init__(
            base_url=f"{site.url}/api/v1",
            headers={"Authorization": f"Bearer {token_of(site, owner)}"},
            trust_env=False,
            timeout=60 * PATIENCE,
        )

    def remember(self, session: str, *said: str, key: str | None = None) -> str:
        """Append ``said`` to a session, alternately by the user and the model, under a key, which is returned."""
        key = key or uuid4().hex
        roles = ("Human", "AI")
        self._memory.post(
            f"/sessions/{self.owner}.{session}/memory",
            params={"namespace": f"chat.{self.owner}"},
            json={"messages": [{"role": roles[place % 2], "content": text} for place, text in enumerate(said)]},
            headers={"Idempotency-Key": key},
        ).raise_for_status()
        return key

    def memory(self, session: str) -> Any:
        """A session on the memory server."""
        return self._memory.get(f"/sessions/{self.owner}.{session}/memory").json()

    def texts(self, session: str) -> list[str]:
        """The texts of a session's messages, oldest first."""
        messages = self.get(f"/sessions/{session}/messages").raise_for_status().json()["messages"]
        return [message["parts"][0]["text"] for message in messages]

    def close(self) -> None:
        """Close the connections, also that to the memory server."""
        self._memory.close()
        super().close()

    def __exit__(self, *error: Any) -> None:
        self._memory.close()
        super().__exit__(*error)


def problem_of(response: httpx.Response, status: int) -> Any:
    """The problem document in a response, after a check of what all of them have in common."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["detail"].endswith(".")
    assert document["type"].endswith(f"/docs/api/#{document['code']}")
    return document
