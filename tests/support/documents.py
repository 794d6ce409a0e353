"""The form in which the documentation shows things."""

from __future__ import annotations

from typing import Any

from environment.variables import Variable

#: The most characters of a default in a table.
ROOM = 32


def row(variable: Variable[Any]) -> str:
    """The row about ``variable`` in the table of ``docs/configuration.md``."""
    names = f"`{variable.name}`" + (f", `{variable.older_name}`" if variable.older_name else "")
    return f"| {names} | {_default(variable.default)} | {variable.meaning} |"


def section(document: str, title: str) -> str:
    """The text below the heading ``## title`` of a document, up to the next one."""
    return document.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def _default(value: object) -> str:
    if value in ("", None, [], ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    return f"`{text if len(text) <= ROOM else text[: ROOM - 1] + '…'}`"
