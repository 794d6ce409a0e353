"""Variables: declared once, read, refused with a sentence if invalid, and listed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from environment.values import credential, number, switch, text
from environment.variables import Environment, Variable, variable


class Wrong(Exception):
    """The exception of the package that reads the variables."""


@dataclass(frozen=True, slots=True)
class Oven:
    """A dataclass that is a field of another."""

    degrees: float = variable("OVEN_DEGREES", number(50, 250), 180.0, "How hot it is.")


@dataclass(frozen=True, slots=True)
class Kitchen:
    """A dataclass with variables, a nested dataclass, and a field that is neither."""

    open: bool = variable("KITCHEN_OPEN", switch, True, "Whether guests are served.")
    token: str | None = variable("KITCHEN_TOKEN", credential, None, "What the waiters show.", "COOK_TOKEN")
    oven: Oven = Oven()
    tables: int = 4


def test_without_texts_the_defaults_hold() -> None:
    """An absent variable and an empty one are the same, for a dataclass and for a single variable."""
    for texts in ({}, {"KITCHEN_OPEN": "", "KITCHEN_TOKEN": " ", "OVEN_DEGREES": "\n"}):
        assert Environment(texts, Wrong).fill(Kitchen) == Kitchen()
        assert Environment(texts, Wrong).read("KITCHEN_OPEN", switch, True, "Open?") is True


def test_a_dataclass_is_filled_from_the_variables_of_its_fields() -> None:
    """So are nested dataclasses; spaces around a text are ignored."""
    texts = {"KITCHEN_OPEN": "no", "KITCHEN_TOKEN": " t0k3n ", "OVEN_DEGREES": "200", "OTHER": "x"}
    assert Environment(texts, Wrong).fill(Kitchen) == Kitchen(open=False, token="t0k3n", oven=Oven(200.0))


def test_an_older_name_is_read_where_the_newer_is_absent() -> None:
    """The newer name wins; if neither has a text, the value is the default."""
    both = {"KITCHEN_TOKEN": "new", "COOK_TOKEN": "old"}
    assert Environment(both, Wrong).fill(Kitchen).token == "new"
    assert Environment({**both, "KITCHEN_TOKEN": ""}, Wrong).fill(Kitchen).token == "old"


@pytest.mark.parametrize(
    ("name", "written", "sentence"),
    [
        ("OVEN_DEGREES", "hot", "OVEN_DEGREES is 'hot'. Write a number from 50 to 250."),
        ("KITCHEN_OPEN", "maybe", "KITCHEN_OPEN is 'maybe'. Write true or false."),
        ("COOK_TOKEN", "a b", "COOK_TOKEN contains a character that no key has, such as a space, a line end or an "
         "accent. Copy it again."),
    ],
)  # fmt: skip
def test_an_invalid_text_raises_the_readers_own_error(name: str, written: str, sentence: str) -> None:
    """Its sentence begins with the name under which the text was found."""
    with pytest.raises(Wrong) as caught:
        Environment({name: written}, Wrong).fill(Kitchen)
    assert str(caught.value) == sentence


def test_variables_are_listed_in_reading_order() -> None:
    """Each has its name, kind, default, meaning and older name."""
    environment = Environment({}, Wrong)
    environment.read("CHEF", text, "Bob", "Who cooks.")
    environment.fill(Kitchen)
    assert environment.variables == [
        Variable("CHEF", text, "Bob", "Who cooks."),
        Variable("KITCHEN_OPEN", switch, True, "Whether guests are served."),
        Variable("KITCHEN_TOKEN", credential, None, "What the waiters show.", "COOK_TOKEN"),
        Variable("OVEN_DEGREES", environment.variables[-1].kind, 180.0, "How hot it is."),
    ]
