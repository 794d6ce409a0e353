"""``manage.py list_tokens``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chat.management.commands.test_issue_token import called


@pytest.fixture(autouse=True)
def redis(settings: Any, redis_url: str) -> None:
    """An empty register."""
    settings.REDIS_URL = redis_url


def test_tokens_are_listed_with_their_names() -> None:
    """Newest first; the tokens themselves are not kept."""
    assert called("list_tokens") == ("", "")
    token, _ = called("issue_token", "--owner", "alice", "--name", "a shop", "--days", "2")
    called("issue_token", "--owner", "bob")
    second, first = called("list_tokens")[0].splitlines()
    today = datetime.now(UTC).date()
    assert first.split("  ") == [token.split(".")[2], "alice", f"{today}", f"{today + timedelta(days=2)}", "a shop"]
    assert second.split("  ")[1] == "bob"
    assert token.split(".")[3] not in first
