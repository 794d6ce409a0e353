"""Variables of the environment: each declared in one place, where its name, default and meaning stand together.

A module reads them one by one (``Environment.read``); a dataclass declares one with each field (`variable`) and is
read whole (``Environment.fill``). Either way ``Environment.variables`` lists them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from environment.values import Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
Group = TypeVar("Group", bound="DataclassInstance")

#: Under which a field of a dataclass keeps its variable.
KEY = "variable"


@dataclass(frozen=True, slots=True)
class Variable(Generic[T]):
    """One variable. ``kind`` turns its text into the value; without a text it is ``default``.

    ``meaning`` is a sentence for the operator, ``older_name`` one that is read where ``name`` is absent.
    """

    name: str
    kind: Callable[[str], T]
    default: T
    meaning: str
    older_name: str = ""


def variable(name: str, kind: Callable[[str], T], default: T, meaning: str, older_name: str = "") -> T:
    """A field of a dataclass, to be filled from the variable that is declared here."""
    return field(default=default, metadata={KEY: Variable(name, kind, default, meaning, older_name)})


def declared(group: type[DataclassInstance]) -> list[Variable[Any]]:
    """The variables of the dataclass ``group``, in the order in which they are read."""
    environment = Environment({}, ValueError)
    environment.fill(group)
    return environment.variables


class Environment:
    """Reads variables from ``texts``, and lists those that it has read. An empty text counts as absent.

    Raises ``error``, with a sentence for the operator: when a text cannot be used.
    """

    def __init__(self, texts: Mapping[str, str], error: type[Exception]) -> None:
        self.variables: list[Variable[Any]] = []
        self._texts = texts
        self._error = error

    def read(self, name: str, kind: Callable[[str], T], default: T, meaning: str, older_name: str = "") -> T:
        """The value of the variable that is declared here."""
        return self._value(Variable(name, kind, default, meaning, older_name))

    def fill(self, group: type[Group]) -> Group:
        """A ``group`` with the values of its fields' variables, and of those in the dataclasses among its fields."""
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
                    raise self._error(f"{name} {refused}") from None
        return one.default
