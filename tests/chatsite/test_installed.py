"""What must be installed for a setting."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import installed
from chatsite.installed import check_tracing


def test_traces_need_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them a site that is to send traces does not start, and says what to install."""
    check_tracing("http://127.0.0.1:4318")
    monkeypatch.setattr(installed, "TRACING", ("no_such_package.sdk",))
    check_tracing("")
    with pytest.raises(ImproperlyConfigured, match=r"motorhead-chat\[otel\] .*requirements-otel\.txt"):
        check_tracing("http://127.0.0.1:4318")
