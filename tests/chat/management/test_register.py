"""How commands find the register of tokens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from chat.components import DEFAULT_REDIS_URL
from chat.grants.tokens import Tokens
from chat.management.register import redis_url, with_tokens
from tests.support.servers import free_port


def test_the_redis_that_the_supervisor_started_is_found(settings: Any, tmp_path: Path) -> None:
    """A configured one comes first; without either, it is the default."""
    settings.DATA, settings.REDIS_URL = tmp_path, ""
    assert redis_url() == DEFAULT_REDIS_URL
    (tmp_path / "serve.json").write_text(json.dumps({"redis": "redis://:secret@127.0.0.1:1/0"}))
    assert redis_url() == "redis://:secret@127.0.0.1:1/0"
    settings.REDIS_URL = "redis://configured"
    assert redis_url() == "redis://configured"


def test_a_site_that_is_down_is_a_sentence(settings: Any) -> None:
    """It says what to start or to set, and not the password."""
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match=r"^The site's Redis cannot be reached.*REDIS_URL\.$") as failed:
        with_tokens(Tokens.list)
    assert "secret" not in str(failed.value)
