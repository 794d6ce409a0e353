"""How commands find the register of tokens."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError

from chat.grants.tokens import Tokens
from chat.management.register import with_tokens
from tests.support.servers import free_port


def test_a_site_that_is_down_is_a_sentence(settings: Any) -> None:
    """It says why, what to start or to set, and not the password."""
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match=r"in its Redis\. .* Connection refused\. .*REDIS_URL\.$") as failed:
        with_tokens(Tokens.list)
    assert "secret" not in str(failed.value)
