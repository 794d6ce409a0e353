"""Going on with another secret key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.support.servers import free_port


@pytest.fixture
def site(settings: Any, redis_url: str, tmp_path: Path) -> Any:
    """The settings of a site whose key is not the one that its Redis knows."""
    settings.REDIS_URL, settings.DATA, settings.SECRET_KEY = redis_url, tmp_path, "first"
    call_command("check_secret_key")
    settings.SECRET_KEY = "second"
    return settings


def test_a_key_is_accepted_at_once_where_redis_runs(site: Any, capsys: pytest.CaptureFixture[str]):
    """The next start is not refused, and one with the former key is."""
    call_command("accept_secret_key")
    assert "has this key now" in capsys.readouterr().out
    call_command("check_secret_key")
    site.SECRET_KEY = "first"
    with pytest.raises(CommandError):
        call_command("check_secret_key")


@pytest.mark.parametrize("killed", [False, True])
def test_a_key_is_accepted_at_the_next_start_of_a_site_with_its_own_valkey(
    site: Any, capsys: pytest.CaptureFixture[str], killed: bool
):
    """That Valkey runs only while the site does, even if the record of a killed site still names one."""
    if killed:
        (site.DATA / "serve.json").write_text(json.dumps({"redis": f"redis://127.0.0.1:{free_port()}"}))
    site.REDIS_URL, redis_url = "", site.REDIS_URL
    call_command("accept_secret_key")
    assert "next start" in capsys.readouterr().out
    site.REDIS_URL = redis_url
    call_command("check_secret_key")
