"""Environment variables, each declared in one place with its name, default and meaning.

A module reads them one by one (``Environment.read``). A dataclass declares one per field (`variable`) and is filled
in one call (``Environment.fill``). Either way, ``Environment.variables`` lists them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from environment.values import ForAnother, Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
Group = TypeVar("Group", bound="DataclassInstance")

#: The key of the variable in the metadata of a dataclass field.
KEY = "variable"


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """One variable. ``kind`` turns its text into the value; without a text, the value is ``default``.

    ``meaning`` is a sentence for the operator. ``older_name`` is read if ``name`` is absent.
    """

    name: str
    kind: Callable[[str], T]
    default: T
    meaning: str
    older_name: str = ""


def variable(name: str, kind: Callable[[str], T], default: T, meaning: str, older_name: str = "") -> T:
    """A dataclass field that is filled from the variable declared here."""
    return field(default=default, metadata={KEY: Variable(name, kind, default, meaning, older_name)})


def declared(group: type[DataclassInstance]) -> list[Variable[Any]]:
    """The variables of the dataclass ``group``, in reading order."""
    environment = Environment({}, ValueError)
    environment.fill(group)
    return environment.variables


class Environment:
    """Reads variables from ``texts``, and lists those it has read. An empty text counts as absent.

    Raises ``error``, with a sentence for the operator: a text is not valid.
    """

    def __init__(self, texts: Mapping[str, str], error: type[Exception]) -> None:
        self.variables: list[Variable[Any]] = []
        self._texts = texts
        self._error = error

    def read(self, name: str, kind: Callable[[str], T], default: T, meaning: str, older_name: str = "") -> T:
        """The value of the variable declared here."""
        return self._value(Variable(name, kind, default, meaning, older_name))

    def fill(self, group: type[Group]) -> Group:
        """A ``group`` filled from the variables of its fields, including fields that are dataclasses themselves."""
        found = {}
        for each in fields(group):
            if KEY in each.metadata:
                found[each.name] = self._value(each.metadata[KEY])
            elif is_dataclass(each.default) and not isinstance(each.default, type):
                found[each.name] = self.fill(type(each.default))
        return group(**found)

    def _value(self, one: Variable[T]) -> T:
        self.variables.append(one)
        for name in (one.name, one.older_name):
            if text := self._texts.get(name, "").strip():
                try:
                    return one.kind(text)
                except Refused as refused:
                    if isinstance(refused, ForAnother) and name == one.older_name:
                        continue
                    raise self._error(f"{name} {refused}") from None
        return one.default
