"""``manage.py revoke_token``."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError

from tests.chat.management.commands.test_issue_token import called


@pytest.fixture(autouse=True)
def redis(settings: Any, redis_url: str) -> None:
    """An empty register."""
    settings.REDIS_URL = redis_url


def test_a_token_is_revoked_by_its_id() -> None:
    """It is no longer listed; revoking it again is refused."""
    token_id = called("issue_token")[0].split(".")[2]
    called("issue_token", "--owner", "bob")
    assert token_id in called("revoke_token", token_id)[1]
    (left,) = called("list_tokens")[0].splitlines()
    assert "bob" in left
    with pytest.raises(CommandError, match="no token with this id"):
        called("revoke_token", token_id)
