"""Sentences about requirements and pins that do not match."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from scripts.check_requirements import main, of_tracing, unmet, unwanted, without_hash
from scripts.requirements import Pin

PROJECT = "motorhead-chat (pyproject.toml)"
NH3 = Pin("nh3", "0.3.8", f"nh3==0.3.8 \\\n    --hash=sha256:00\n    # via {PROJECT}")


def test_the_requirements_of_this_repository_match(capsys: pytest.CaptureFixture[str]) -> None:
    """Both files match the requirements of the four distributions and of development."""
    assert main() == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("wanted", "sentences"),
    [
        ("nh3>=0.3,<1", []),
        ("NH3>=0.4", ["file pins NH3 0.3.8, but >=0.4 is required."]),
        ("django>=5", ["file does not pin django."]),
    ],
)
def test_a_requirement_that_no_pin_satisfies_is_named(wanted: str, sentences: list[str]) -> None:
    """The sentence includes the pinned version, if there is one."""
    assert list(unmet([Requirement(wanted)], [NH3], "file")) == sentences


def test_traces_are_pinned_as_they_are_tested() -> None:
    """The sentence names the pin that the development requirements have in another version."""
    name = "opentelemetry-sdk"
    sdk, other = (Pin(name, number, f"{name}=={number} \\\n    --hash=sha256:00") for number in ("1.45", "1.46"))
    exporter = Pin("opentelemetry-exporter-otlp-proto-http", "1.45", "opentelemetry-exporter-otlp-proto-http==1.45")
    found = list(of_tracing([exporter], [sdk], [other, exporter]))
    assert found == ["requirements-dev.txt pins opentelemetry-sdk otherwise."]
    assert list(of_tracing([exporter], [sdk], [sdk])) == []


def test_a_pin_that_is_no_longer_required_is_named() -> None:
    """The sentence names the distribution that once required it; pins that other packages need are not reported."""
    needed = Pin("anyio", "4.16.0", "anyio==4.16.0 \\\n    --hash=sha256:00\n    # via httpx")
    assert list(unwanted([], [NH3, needed], PROJECT, "file")) == [
        f"file pins nh3 for {PROJECT}, which does not require it."
    ]
    assert list(unwanted([Requirement("nh3")], [NH3], PROJECT, "file")) == []


def test_a_pin_without_a_hash_is_named() -> None:
    """It would accept any file of that version."""
    assert list(without_hash([NH3, Pin("six", "1.0", "six==1.0")], "file")) == ["file pins six without a hash."]
