"""What the page's script says, in the languages that it is not written in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import to_locale


@cache
def translations_of_script(language: str) -> Mapping[str, str]:
    """Its sentences in ``language``, by those in the code; nothing in the language of the code."""
    if language == settings.LANGUAGE_CODE:
        return {}
    found: dict[str, str] = {}
    for folder in settings.LOCALE_PATHS:
        with Path(folder, to_locale(language), "LC_MESSAGES", "djangojs.mo").open("rb") as file:
            read: Any = GNUTranslations(file)
        found |= {sentence: text for sentence, text in read._catalog.items() if sentence}
    return found
