"""The settings: the original's names, and a sentence for each value that cannot be used."""

from __future__ import annotations

import pytest

from motorhead.config import load
from motorhead.exceptions import ConfigurationError


def test_without_any_variable_the_defaults_are_the_originals() -> None:
    """Port 8080 on loopback, a window of 12, gpt-3.5-turbo, and no model reachable."""
    settings = load({})
    assert (settings.host, settings.port, settings.fold.window_size) == ("127.0.0.1", 8080, 12)
    assert settings.models.chat == "gpt-3.5-turbo"
    assert not settings.models.configured


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
    """The error says which variable is wrong."""
    with pytest.raises(ConfigurationError, match=name.split("_")[0]) as caught:
        load({name: value})
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("value", ["http://user:s3cret@host/v1", "http://s3cret@host", "ftp://user:s3cret@host"])
@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE", "AZURE_API_BASE"])
def test_a_password_in_a_models_address_is_refused_and_not_quoted(name: str, value: str) -> None:
    """The key goes into the header that it would need."""
    names = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA")
    others = dict.fromkeys(names, "word") if name in names else {}
    with pytest.raises(ConfigurationError, match=name) as caught:
        load(others | {name: value})
    assert "s3cret" not in str(caught.value)


def test_the_newer_name_of_the_models_address_wins() -> None:
    """OPENAI_BASE_URL goes before the original's OPENAI_API_BASE; each alone works."""
    both = {"OPENAI_BASE_URL": "http://one/v1", "OPENAI_API_BASE": "http://two/v1"}
    assert load(both).models.base == "http://one/v1"
    assert load({"OPENAI_API_BASE": "http://two/v1"}).models.base == "http://two/v1"


def test_azure_is_used_when_all_its_names_are_there() -> None:
    """The original's four Azure variables together say where the model is."""
    names = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA")
    azure = load({name: f"https://{name.lower()}" for name in names}).models.azure
    assert azure is not None
    assert azure.embedding_deployment == "https://azure_deployment_id_ada"


def test_an_empty_value_counts_as_absent() -> None:
    """A variable that is set to nothing leaves the default."""
    assert load({"PORT": " ", "MOTORHEAD_TOKEN": ""}).token is None


@pytest.mark.parametrize("value", ["schlüssel", "s3cret\nb", "s3cret\tb", "s3cret b", "s3cret\udcff"])
@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "AZURE_API_KEY", "MOTORHEAD_TOKEN", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"]
)
def test_what_no_header_can_carry_is_named_and_not_quoted(name: str, value: str) -> None:
    """A key or token that could never be sent ends the start with a sentence that does not show it."""
    azure = dict.fromkeys(("AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA"), "http://h")
    with pytest.raises(ConfigurationError, match=name) as caught:
        load({**azure, "AZURE_API_KEY": "k", name: value})
    assert value not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_model_whose_name_cannot_be_printed_is_named() -> None:
    """Bytes that are no text, and control characters, are refused in any variable."""
    for value in ("gpt\nx", "gpt\udcff"):
        with pytest.raises(ConfigurationError, match="MOTORHEAD_MODEL"):
            load({"MOTORHEAD_MODEL": value})
