"""Sentences of errors in the reader's language. The API, logs and the log of a run have them in English."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from chat.domain.sentences import LEADS, Situation, Worded, all_sentences, wording
from chat.web import memory_sentences

#: Words that are values in sentences.
WORDS = {gettext_noop("token"), gettext_noop("ticket"), gettext_noop("a moment")}

_FIELD = re.compile(r"\\\{(\w+)(:,)?\\\}")  # in a sentence that is a regular expression
_DURATION = re.compile(r"([\d,]+) (second|minute|hour)s?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")


class _Number(int):
    """A number that is written as the reader does it; with its digits in groups if that is asked for."""

    grouped: bool

    def __new__(cls, value: int, *, grouped: bool = False) -> _Number:
        made = super().__new__(cls, value)
        made.grouped = grouped
        return made

    def __format__(self, how: str) -> str:
        return number_format(int(self), use_l10n=True, force_grouping=self.grouped or how == ",")


def grouped(number: int) -> str:
    """A number with its digits in groups, as the reader writes it."""
    return number_format(number, use_l10n=True, force_grouping=True)


def worded(error: Worded, situation: Situation = Situation.SENDING) -> str:
    """The sentence about ``error`` for a person in this ``situation``, in the reader's language."""
    values = {name: _shown(value) for name, value in error.details.items()}
    return " ".join(gettext(text).format(**values) for text in wording(error, situation))


def translated(english: str) -> str:
    """In the reader's language, what the log of a run or the memory server says in English; as it is if unknown."""
    if not english or get_language() == settings.LANGUAGE_CODE:
        return english
    for lead in LEADS.values():
        if english.startswith(f"{lead} "):
            return f"{gettext(lead)} {translated(english.removeprefix(f'{lead} '))}"
    for text, pattern in _patterns():
        if found := pattern.fullmatch(english):
            return gettext(text).format(**{name: _shown(_read(value)) for name, value in found.groupdict().items()})
    return english


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each known sentence and what it looks like with values; those without values come first."""
    known = [*memory_sentences.SENTENCES, *(text for text in all_sentences() if "!r}" not in text)]
    shapes = [(text, _FIELD.sub(r"(?P<\1>.+?)", re.escape(text))) for text in known]
    return [(text, re.compile(shape, re.DOTALL)) for text, shape in sorted(shapes, key=lambda each: "(?P<" in each[1])]


def _read(value: str) -> Any:
    """A value as it was before it was written in English."""
    return int(value) if value.isdecimal() else value


def _shown(value: Any) -> Any:
    """A value in the reader's language."""
    if isinstance(value, int):
        return _Number(value)
    if isinstance(value, float):
        return number_format(value, use_l10n=True)
    if not isinstance(value, str):
        return value
    if _GROUPED.fullmatch(value):
        return _Number(int(value.replace(",", "")), grouped=True)
    if duration := _DURATION.fullmatch(value):
        return _duration(int(duration[1].replace(",", "")), duration[2])
    return gettext(value) if value in WORDS else translated(value)


def _duration(count: int, unit: str) -> str:
    forms = {
        "second": ngettext("{count} second", "{count} seconds", count),
        "minute": ngettext("{count} minute", "{count} minutes", count),
        "hour": ngettext("{count} hour", "{count} hours", count),
    }
    return forms[unit].format(count=grouped(count))
