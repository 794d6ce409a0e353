"""The check of the secret key, which every start of a site makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def site(settings: Any, redis_url: str, tmp_path: Path) -> Any:
    """The settings of a site with the key "first", whose Redis knows it."""
    settings.REDIS_URL, settings.DATA, settings.SECRET_KEY = redis_url, tmp_path, "first"
    call_command("check_secret_key")
    return settings


def test_a_site_with_another_key_is_refused(site: Any):
    """The sentence says what to set, and which command goes on with this key."""
    site.SECRET_KEY = "second"
    with pytest.raises(CommandError, match="Set DJANGO_SECRET_KEY to the same key on all machines") as refused:
        call_command("check_secret_key")
    assert str(refused.value).endswith("run: manage.py accept_secret_key")
    site.SECRET_KEY_FALLBACKS = ["first"]
    call_command("check_secret_key")


@pytest.mark.parametrize("accepted", ["second", "another"])
def test_what_was_accepted_without_a_redis_counts_for_one_start(site: Any, accepted: str):
    """It counts for the key that was accepted, and leaves no file behind."""
    site.SECRET_KEY, site.REDIS_URL, redis_url = accepted, "", site.REDIS_URL
    call_command("accept_secret_key")
    site.SECRET_KEY, site.REDIS_URL = "second", redis_url
    if accepted == "second":
        call_command("check_secret_key")
    else:
        with pytest.raises(CommandError):
            call_command("check_secret_key")
    assert list(site.DATA.iterdir()) == []


def test_without_a_redis_there_is_nothing_to_check(site: Any):
    """Static files and tables can be prepared anywhere."""
    site.REDIS_URL, site.SECRET_KEY = "", "second"
    call_command("check_secret_key")
