"""Choosing a language."""

from __future__ import annotations

import pytest

from tests.support.cookies import csrf_token
from tests.support.html import parse


def choose(visitor, language: str, **fields: str):
    headers = {"X-CSRFToken": csrf_token(visitor), "Origin": str(visitor.base_url).rstrip("/")}
    return visitor.post("/language", data={"language": language, **fields}, headers=headers)


def test_a_choice_is_kept(site, visitor):
    """The page comes back in the other language, and so does every later one; its script gets its sentences."""
    english = visitor.get("/s/mine")
    assert parse(english.text).all("html")[0].attributes["lang"] == "en"
    assert english.headers["Content-Language"] == "en"
    assert parse(english.text).all("div", id="translations") == []
    chosen = choose(visitor, "de", back="/s/mine")
    assert chosen.url.path == "/s/mine"
    german = parse(visitor.get("/s/mine").text)
    assert german.all("html")[0].attributes["lang"] == "de"
    assert "Heute" in german.all("div", id="translations")[0].text
    assert [one.text for one in german.all("option", selected="")] == ["Deutsch"]


def test_an_unknown_language_is_refused(site, visitor):
    """Nothing is kept."""
    visitor.get("/s/mine")
    assert choose(visitor, "xx").status_code == 400
    assert not [name for name in visitor.cookies if name.endswith("-language")]


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(site, visitor, elsewhere: str):
    """An address that is not one of this site's is ignored."""
    visitor.get("/s/mine")
    assert str(choose(visitor, "de", back=elsewhere).url).startswith(f"{site.url}/s/")


def test_the_admin_speaks_it_too(site, visitor):
    """Django's own pages follow the same choice."""
    visitor.get("/s/mine")
    choose(visitor, "de")
    login = visitor.get("/admin/login/")
    assert login.headers["Content-Language"] == "de"
    assert "Passwort" in login.text
