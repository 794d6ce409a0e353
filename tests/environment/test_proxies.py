"""Which proxy leads to an address."""

from __future__ import annotations

import pytest

from environment.proxies import proxy_to


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_a_proxy_addresses_are_reached_directly() -> None:
    """The environment names none."""
    assert proxy_to("https://model.invalid/v1") is None


@pytest.mark.parametrize(
    ("named", "address", "proxy"),
    [
        ({"https_proxy": "http://proxy:3128"}, "https://model.invalid/v1", "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128"}, "http://model.invalid/v1", None),
        ({"http_proxy": "proxy:3128"}, "http://model.invalid/v1", "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128"}, "https://model.invalid", "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128", "no_proxy": ".invalid"}, "https://model.invalid", None),
    ],
)
def test_the_proxy_of_the_scheme_counts_or_that_of_all(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str], address: str, proxy: str | None
) -> None:
    """A proxy may be named without a scheme; hosts in NO_PROXY are reached directly."""
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert proxy_to(address) == proxy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "[::1]"])
def test_this_machine_is_reached_directly(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Whatever the environment names."""
    monkeypatch.setenv("all_proxy", "http://proxy:3128")
    assert proxy_to(f"http://{host}:8081/v1") is None
