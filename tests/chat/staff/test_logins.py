"""The admin's login form. Its limits are tested on a whole site, in ``tests/system/test_limits.py``."""

from __future__ import annotations

import pytest

from chat.staff import logins
from chat.staff.logins import LimitedLoginForm


def test_an_incomplete_form_is_no_attempt(monkeypatch: pytest.MonkeyPatch):
    """Nothing is counted, and the form says what is missing."""
    monkeypatch.setattr(logins, "begin_attempt", None)
    form = LimitedLoginForm(None, {"username": "margaret", "password": ""})
    assert not form.is_valid()
    assert list(form.errors) == ["password"]
