"""The settings: the original's names, and a sentence for each value that cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from motorhead.config import load, variables
from motorhead.exceptions import ConfigurationError
from redis_link.address import parse_address
from tests.environment.test_addresses import texts


def test_without_any_variable_the_defaults_are_the_originals() -> None:
    """Port 8080 on loopback, a window of 12, gpt-3.5-turbo, and no model reachable."""
    loaded = load({})
    assert (loaded.host, loaded.port, loaded.fold.window_size) == ("127.0.0.1", 8080, 12)
    assert loaded.models.chat == "gpt-3.5-turbo"
    assert not loaded.models.configured


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("MOTORHEAD_MAX_WINDOW_SIZE", "0"), ("MOTORHEAD_MAX_WINDOW_SIZE", "nan"),
     ("MOTORHEAD_MODEL_TIMEOUT", "nan"), ("MOTORHEAD_LONG_TERM_MEMORY", "maybe"), ("REDIS_URL", "localhost:6379"),
     ("OPENAI_BASE_URL", "localhost:11434"), ("AZURE_API_KEY", "alone"), ("MOTORHEAD_KEEP_IDLE_DAYS", "-1"),
     ("REDIS_URL", "redis://[bad"), ("REDIS_URL", f"redis://{'h' * 64}"), ("REDIS_URL", "redis://h:0x1"),
     ("REDIS_URL", "redis://h/one"), ("OPENAI_BASE_URL", "http://[x"), ("OPENAI_BASE_URL", f"http://{'h' * 64}"),
     ("OPENAI_BASE_URL", "http://h:port"), ("OPENAI_BASE_URL", "http://:80"), ("HOST", "h" * 64),
     ("HOST", "a..b"), ("HOST", "\udcff")],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    """The error names the variable."""
    with pytest.raises(ConfigurationError, match=f"^{name} |^Azure needs .*{name}") as caught:
        load({name: value})
    assert str(caught.value).endswith(".")


def test_a_part_of_azures_variables_is_refused() -> None:
    """The sentence names the missing ones."""
    with pytest.raises(ConfigurationError, match=r"Set AZURE_API_BASE and AZURE_DEPLOYMENT_ID_ADA, too\.$"):
        load({"AZURE_API_KEY": "k", "AZURE_DEPLOYMENT_ID": "d"})


@pytest.mark.parametrize("value", ["http://user:s3cret@host/v1", "http://s3cret@host", "ftp://user:s3cret@host"])
@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE", "AZURE_API_BASE"])
def test_a_password_in_a_models_address_is_refused_and_not_quoted(name: str, value: str) -> None:
    """Keys belong in their own variables, from where they are sent in a header."""
    names = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA")
    others = dict.fromkeys(names, "word") if name in names else {}
    with pytest.raises(ConfigurationError, match=name) as caught:
        load(others | {name: value})
    assert "s3cret" not in str(caught.value)


def test_the_newer_name_of_the_models_address_wins() -> None:
    """OPENAI_BASE_URL takes precedence over the original's OPENAI_API_BASE; each alone works."""
    both = {"OPENAI_BASE_URL": "http://one/v1", "OPENAI_API_BASE": "http://two/v1"}
    assert load(both).models.base == "http://one/v1"
    assert load({"OPENAI_API_BASE": "http://two/v1"}).models.base == "http://two/v1"


def test_the_newer_names_of_host_and_port_win() -> None:
    """HOST and PORT, which other programs set too, are not even checked if the newer names are set."""
    others = {"HOST": "x86_64-conda..linux-gnu", "PORT": "tcp://10.0.0.1:80"}
    loaded = load({**others, "MOTORHEAD_HOST": "::1", "MOTORHEAD_PORT": "9000"})
    assert (loaded.host, loaded.port) == ("::1", 9000)
    for platform in ("x86_64-conda-linux-gnu", "aarch64-conda-linux-gnu", "arm64-apple-darwin20.0.0"):
        assert load({"HOST": platform}).host == "127.0.0.1"
        with pytest.raises(ConfigurationError, match="platform"):
            load({"MOTORHEAD_HOST": platform})
    older = load({"HOST": "10.0.0.5", "PORT": "8081"})
    assert (older.host, older.port) == ("10.0.0.5", 8081)


def test_allowed_hosts_are_names_without_ports() -> None:
    """Names and addresses are separated by spaces; an address with a port or a scheme is refused."""
    assert load({"MOTORHEAD_ALLOWED_HOSTS": "Memory.example 10.0.0.1 [FD00::1]"}).allowed_hosts == (
        "memory.example",
        "10.0.0.1",
        "[fd00::1]",
    )
    for value in ("memory:8080", "http://memory", "a,b", "*", "1.2.3"):
        with pytest.raises(ConfigurationError, match=r"^MOTORHEAD_ALLOWED_HOSTS is .* without ports"):
            load({"MOTORHEAD_ALLOWED_HOSTS": value})


def test_azure_is_used_when_all_its_names_are_there() -> None:
    """The original's four Azure variables together configure the models."""
    names = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA")
    azure = load({name: f"https://{name.lower()}" for name in names}).models.azure
    assert azure
    assert azure.embedding_deployment == "https://azure_deployment_id_ada"


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ({}, "2023-05-15"),
        ({"OPENAI_API_VERSION": "2024-10-21"}, "2024-10-21"),
        ({"AZURE_API_VERSION": "2025-01-01-preview", "OPENAI_API_VERSION": "2024-10-21"}, "2025-01-01-preview"),
    ],
)
def test_azures_version_has_two_names(given: dict[str, str], version: str) -> None:
    """The version of Azure's API is the original's unless one of two variables names another; Azure's own name wins."""
    assert load(given).models.azure.version == version
    assert not load(given).models.azure
    with pytest.raises(ConfigurationError, match=r"^AZURE_API_VERSION "):
        load({"AZURE_API_VERSION": "2024&x=1"})


def test_one_price_is_enough() -> None:
    """The other price is then 0; without either, the costs are unknown."""
    assert load({}).models.prices is None
    assert load({"MOTORHEAD_PRICE_PROMPT": "0.5"}).models.prices == (0.5, 0.0)
    assert load({"MOTORHEAD_PRICE_COMPLETION": "1.5"}).models.prices == (0.0, 1.5)


def test_days_are_kept_as_seconds() -> None:
    """Half a day is 43,200 seconds."""
    retention = load({"MOTORHEAD_KEEP_FOLDED_DAYS": "0.5", "MOTORHEAD_KEEP_IDLE_DAYS": "2"}).retention
    assert (retention.folded_messages, retention.idle_sessions) == (43_200.0, 172_800.0)


def test_every_variable_is_listed_with_its_default_and_its_meaning() -> None:
    """Each variable is listed once, from every part of the settings."""
    listed = {each.name: each for each in variables()}
    assert len(listed) == len(variables()) > 30
    assert (listed["MOTORHEAD_PORT"].default, listed["MOTORHEAD_FOLD"].default, listed["AZURE_API_KEY"].default) == (
        8080,
        True,
        "",
    )
    assert all(each.meaning.endswith(".") and "\n" not in each.meaning for each in listed.values())


@settings(deadline=None)
@given(st.sampled_from(["redis", "rediss", "unix", "redis+sentinel"]), texts)
@example("redis+sentinel", "a,[::1]:1/m/1?sentinel_password=x")
def test_an_address_of_redis_that_is_taken_can_be_connected_to(scheme: str, rest: str) -> None:
    """The memory server's own client can parse every address that `load` accepts."""
    try:
        taken = load({"REDIS_URL": f"{scheme}://{rest}"}).redis_url
    except ConfigurationError:
        return
    assert parse_address(taken)


def test_an_empty_value_counts_as_absent() -> None:
    """An empty variable leaves the default."""
    assert load({"PORT": " ", "MOTORHEAD_TOKEN": ""}).token is None


@pytest.mark.parametrize("value", ["schlüssel", "s3cret\nb", "s3cret\tb", "s3cret b", "s3cret\udcff"])
@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "AZURE_API_KEY", "MOTORHEAD_TOKEN", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"]
)
def test_what_no_header_can_carry_is_named_and_not_quoted(name: str, value: str) -> None:
    """A key or token that no header can carry is refused at the start, by a sentence that does not quote it."""
    azure = dict.fromkeys(("AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA"), "http://h")
    with pytest.raises(ConfigurationError, match=name) as caught:
        load({**azure, "AZURE_API_KEY": "k", name: value})
    assert value not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_model_whose_name_cannot_be_printed_is_named() -> None:
    """Bytes that are not text, and control characters, are refused in any variable."""
    for value in ("gpt\nx", "gpt\udcff"):
        with pytest.raises(ConfigurationError, match="MOTORHEAD_MODEL"):
            load({"MOTORHEAD_MODEL": value})
