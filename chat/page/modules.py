"""The modules of the page's script, which the page loads all at once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

#: Their folder among the static files, and the one that imports the others.
FOLDER, ENTRY = "chat/page", "main.js"


@cache
def imported_modules() -> tuple[str, ...]:
    """The static file of each module but the entry point, in alphabetical order."""
    folder = Path(finders.find(FOLDER) or "")
    return tuple(f"{FOLDER}/{path.name}" for path in sorted(folder.glob("*.js")) if path.name != ENTRY)
