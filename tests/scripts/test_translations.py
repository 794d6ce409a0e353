"""The check of the translations finds what is wrong, and nothing else."""

from __future__ import annotations

import pytest

from scripts.catalogues import read_catalogue
from scripts.translations import ROOT, mistakes, problems

GERMAN = {"Hello {name}.": ["Hallo {name}."], "%(n)s day": ["%(n)s Tag", "%(n)s Tage"]}
ENGLISH = {"Hello {name}.": ["Hello {name}."], "%(n)s day": ["%(n)s day", "%(n)s days"]}


def test_a_good_translation_has_no_problems():
    """Also with other plurals."""
    assert list(problems(ENGLISH, GERMAN, GERMAN)) == []


def test_what_is_missing_or_left_over_is_found():
    """In the translation, in the code, or in the compiled file."""
    assert list(problems(ENGLISH | {"New.": ["New."]}, GERMAN, GERMAN)) == ["not translated: New."]
    assert list(problems(ENGLISH, GERMAN | {"Old.": ["Alt."]}, GERMAN | {"Old.": ["Alt."]})) == [
        "not in the code any more: Old."
    ]
    assert list(problems(ENGLISH, GERMAN, {})) == ["the .mo file differs from the .po file"]


@pytest.mark.parametrize(
    ("sentence", "translation", "what"),
    [
        ("Hello {name}.", "Hallo.", "places"),
        ("{length:,} left", "{length} übrig", "places"),
        ("%(n)s days", "Tage", "places"),
        ("It is <b>here</b>.", "Es ist hier.", "tags"),
        ("Wait.", "Warten", "end"),
    ],
)
def test_a_loss_is_found(sentence: str, translation: str, what: str):
    """Of a value, of a tag, or of the mark at the end."""
    assert [problem.split(":")[0] for problem in mistakes([sentence], [translation])] == [f"other {what}"]


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_german_is_typeset_as_such(domain: str):
    """With its own quotation marks, and a space before an ellipsis that stands for more."""
    texts = [form for forms in read_catalogue(ROOT / f"locale/de/LC_MESSAGES/{domain}.mo").values() for form in forms]
    assert texts
    assert [text for text in texts if "”" in text or ("“" in text and "„" not in text)] == []
    assert [text for text in texts if "…" in text.replace(" …", "")] == []
