"""Sentences about requests that do not fit the description of their operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat.domain.exceptions import InvalidRequest, InvalidSession

#: What is wrong, by pydantic's name for it; the values come from the error.
WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this call",
    "string_type": "must be text",
    "string_too_long": "has more than {max_length:,} characters",
    "string_too_short": "is empty",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le:,}",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "too_long": "has more than {max_length:,} items",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
#: What is said of every other mistake.
OTHERWISE = "is not valid"


def mistake(errors: list[dict[str, Any]]) -> InvalidRequest:
    """The error for what is wrong with a request, as ninja lists it: the first mistake, and how many there are."""
    first, more = errors[0], len(errors) - 1
    if first["type"] == "string_pattern_mismatch":  # only ids of sessions have a pattern
        return InvalidSession()
    what = WORDS.get(first["type"], OTHERWISE).format_map(first.get("ctx") or {})
    also = f" There {'is one more mistake' if more == 1 else f'are {more} more mistakes'}." if more else ""
    return InvalidRequest("malformed", place=_place(first["loc"]), problem=what, also=also)


def _place(loc: tuple[Any, ...]) -> str:
    """Where it is: ``loc`` begins with the part of the request, and with a parameter's name for a body."""
    source, *path = loc
    if source == "body":
        path = path[1:]
        return f"The field {_dotted(path)!r}" if path else "The body"
    kind = {"path": "path", "query": "query", "header": "header"}.get(source, "request")
    return f"{_dotted(path)!r} in the {kind}"


def _dotted(path: list[Any]) -> str:
    return ".".join(str(part)[:40] for part in path[:6])
