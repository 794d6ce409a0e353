"""Recognising this machine's own addresses."""

from __future__ import annotations

import pytest

from chat.domain.hosts import is_loopback, proxy_to


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("example.org", False)],
)
def test_loopback_addresses_are_known(host: str, *, loopback: bool) -> None:
    """Only loopback names and addresses are this machine."""
    assert is_loopback(host) is loopback


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")


@pytest.mark.usefixtures("proxies")
@pytest.mark.parametrize(
    ("scheme", "host", "proxy"),
    [
        ("https", "api.openai.com", "http://proxy.example:3128"),
        ("https", "models.inside.example", None),
        ("https", "127.0.0.1", None),
        ("http", "api.openai.com", None),
    ],
)
def test_a_proxy_is_used_where_the_environment_says_so(scheme: str, host: str, proxy: str | None) -> None:
    """A proxy is for its scheme alone, and neither for this machine nor for hosts that NO_PROXY names."""
    assert proxy_to(scheme, host) == proxy


@pytest.mark.usefixtures("proxies")
def test_a_proxy_may_be_for_all_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY is for the schemes that have no proxy of their own."""
    monkeypatch.setenv("all_proxy", "http://any.example:3128")
    assert proxy_to("http", "api.openai.com") == "http://any.example:3128"
    assert proxy_to("https", "api.openai.com") == "http://proxy.example:3128"


@pytest.mark.usefixtures("proxies")
def test_a_proxy_needs_no_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many a machine names it as host and port alone."""
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    assert proxy_to("https", "api.openai.com") == "http://proxy.example:3128"
