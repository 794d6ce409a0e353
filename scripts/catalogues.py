"""Reading compiled translations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, TypeAlias

#: Each sentence, and the forms of its translation: one, or one for each kind of number.
Catalogue: TypeAlias = Mapping[str, Sequence[str]]


def read_catalogue(path: Path) -> Catalogue:
    """The contents of a ``.mo`` file, less its header; nothing if there is no such file."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        read: Any = GNUTranslations(file)
    forms: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for key, text in read._catalog.items():
        sentence, number = key if isinstance(key, tuple) else (key, 0)
        forms[sentence][number] = text
    return {sentence: [found[n] for n in sorted(found)] for sentence, found in forms.items() if sentence}
