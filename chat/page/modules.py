"""The modules of the page's script that the page loads from its start, all at once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

#: Their folder among the static files, and the one that imports the others.
FOLDER, ENTRY = "chat/page", "main.js"

#: What a module imports at once. ``import()`` loads a module at its first use.
_IMPORT = re.compile(r'\b(?:from|import) "\./([a-z_]+\.js)"')


@cache
def imported_modules() -> tuple[str, ...]:
    """The static file of each module that the entry point imports, directly or not, in alphabetical order."""
    folder = Path(finders.find(FOLDER) or "")
    found = {ENTRY}
    to_read = [ENTRY]
    while to_read:
        new = set(_IMPORT.findall((folder / to_read.pop()).read_text())) - found
        found |= new
        to_read += new
    return tuple(f"{FOLDER}/{name}" for name in sorted(found - {ENTRY}))
