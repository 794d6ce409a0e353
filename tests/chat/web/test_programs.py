"""The paths of the API."""

from __future__ import annotations

import pytest
from django.urls import set_script_prefix

from chat.web.programs import is_for_programs


@pytest.mark.parametrize("home", ["/", "/chat/"])
def test_programs_ask_below_the_sites_address(home: str):
    """Pages are elsewhere, also where they begin alike."""
    set_script_prefix(home)
    try:
        assert all(is_for_programs(home + path) for path in ("api/ticket", "api/v1/visit", "v1/models"))
        assert not any(is_for_programs(path) for path in (home, f"{home}s/api", f"{home}v1x", "/elsewhere/v1/models"))
    finally:
        set_script_prefix("/")
