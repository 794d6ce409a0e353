"""The translations that a page brings for its script."""

from __future__ import annotations

from chat.page.translations import translations_of_script


def test_only_other_languages_have_any():
    """The script speaks English: the page is no larger for it."""
    assert translations_of_script("en") == {}
    assert translations_of_script("de")["Today"] == "Heute"
    assert "" not in translations_of_script("de")
