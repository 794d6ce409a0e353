"""Reads JSON into dataclasses by their annotations. Fields of a newer site are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from chat_client.exceptions import NotUnderstood

T = TypeVar("T")


def read(shape: type[T], found: Any) -> T:
    """``found`` as a ``shape``, a dataclass. Raises `NotUnderstood`: a field is missing, or of another kind."""
    try:
        made: T = _reader(shape)(found)  # type: ignore[arg-type] # every class is hashable
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotUnderstood(f"The site's answer is not a {shape.__name__} as this client knows it.") from error
    return made


@cache
def _reader(shape: Any) -> Callable[[Any], Any]:
    """What reads a value with the annotation ``shape``."""
    origin, of = get_origin(shape), get_args(shape)
    if is_dataclass(shape):
        return _dataclass_reader(shape)
    if origin in {Union, UnionType}:  # the only unions are those with None
        one = _reader(next(each for each in of if each is not type(None)))
        return lambda found: None if found is None else one(found)
    if origin in {list, Sequence}:
        each_of = _reader(of[0])
        return lambda found: [each_of(each) for each in found]
    if shape is datetime:
        return datetime.fromisoformat
    return lambda found: found


def _dataclass_reader(shape: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(shape)
    readers = {each.name: _reader(hints[each.name]) for each in fields(shape) if not each.metadata.get("header")}

    def made(found: Mapping[str, Any]) -> Any:
        return shape(**{name: reader(found[name]) for name, reader in readers.items()})

    return made
