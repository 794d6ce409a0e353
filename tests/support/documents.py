"""The form in which the documentation shows a setting."""

from __future__ import annotations

from typing import Any

from environment.variables import Variable

#: The most characters of a default in a table.
ROOM = 32


def row(variable: Variable[Any]) -> str:
    """The row about ``variable`` in the table of ``docs/configuration.md``."""
    names = f"`{variable.name}`" + (f", `{variable.older_name}`" if variable.older_name else "")
    return f"| {names} | {_default(variable.default)} | {variable.meaning} |"


def _default(value: object) -> str:
    if value in ("", None, [], ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return f"`{text if len(text) <= ROOM else text[: ROOM - 1] + '…'}`"
