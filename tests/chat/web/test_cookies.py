"""The visitor's signed cookie."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.conf import settings
from django.core.signing import TimestampSigner
from django.test import override_settings

from chat.grants.credentials import Visit
from chat.web.cookies import new_visit, new_visit_of, read_visit, sign_visit, visit_in

BOB = Visit("bob", "v1", 0)


def aged(visit: Visit, age: timedelta, monkeypatch: pytest.MonkeyPatch) -> str:
    """The visit's cookie, signed ``age`` ago."""
    now = time.time()
    with monkeypatch.context() as then:
        then.setattr(time, "time", lambda: now - age.total_seconds())
        return sign_visit(visit)


def whose(visit: Visit | None) -> tuple[str, str] | None:
    return (visit.owner, visit.id) if visit else None


@pytest.mark.parametrize("visit", [BOB, Visit("b-o_b", "-_x", 0), Visit("bob", "", 0)])
def test_a_cookie_names_its_visit(visit: Visit):
    """And when it was signed. A cookie of an earlier version names only the owner."""
    read = read_visit(sign_visit(visit))
    assert whose(read) == (visit.owner, visit.id)
    assert read is not None
    assert 0 <= time.time() - read.since < 60


def test_a_cookie_says_to_the_microsecond_when_it_was_signed(monkeypatch: pytest.MonkeyPatch):
    """It may have been signed in the same second in which all earlier ones were taken back."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.123456)
    read = read_visit(sign_visit(BOB))
    assert read is not None
    assert read.since == pytest.approx(1_700_000_000.123456, abs=2e-6)


def test_a_cookie_without_such_a_time_counts():
    """One of earlier versions was signed at a whole second."""
    read = read_visit(TimestampSigner(salt="chat.owner").sign("bob.v1"))
    assert whose(read) == ("bob", "v1")
    assert read is not None
    assert read.since == int(read.since)


def test_a_visit_says_whether_somebody_has_signed_in():
    """Other visits need no look into the database."""
    visit = new_visit_of("bob")
    assert (visit.owner, visit.signed_in) == ("bob", True)
    assert read_visit(sign_visit(visit)) == replace(visit, since=ANY)
    assert not new_visit().signed_in


@pytest.mark.parametrize("cookie", [None, "", "bob", "bob.v1:1:forged", "\x00", "bob:" * 3000])
def test_a_cookie_that_is_not_ours_names_nobody(cookie: str | None):
    """Only the signature counts."""
    assert read_visit(cookie) is None


def test_a_cookie_expires(monkeypatch: pytest.MonkeyPatch):
    """After CHAT_OWNER_DAYS."""
    assert read_visit(aged(BOB, timedelta(days=364), monkeypatch))
    assert read_visit(aged(BOB, timedelta(days=366), monkeypatch)) is None


def test_visits_differ():
    """Both in their owners and in their ids."""
    first, second = new_visit(), new_visit()
    assert first.owner != second.owner
    assert first.id != second.id


def test_a_cookie_of_an_earlier_version_counts():
    """It has the name that all sites shared."""
    assert whose(visit_in({"owner": sign_visit(Visit("bob", "", 0))})) == ("bob", "")


def test_a_cookie_of_another_site_is_no_visit_here():
    """It is signed with another key."""
    with override_settings(SECRET_KEY="the key of another site"):
        foreign = sign_visit(BOB)
    assert visit_in({"owner": foreign}) is None


def test_the_cookie_of_the_site_comes_first():
    """The old one is read only without a new one, even an invalid one."""
    old = {"owner": sign_visit(BOB)}
    assert whose(visit_in({**old, settings.CHAT_OWNER_COOKIE: sign_visit(Visit("eve", "v", 0))})) == ("eve", "v")
    assert visit_in({**old, settings.CHAT_OWNER_COOKIE: "forged"}) is None


@override_settings(SESSION_COOKIE_SECURE=True, CHAT_OWNER_COOKIE="__Host-x-owner")
def test_by_https_no_other_name_counts():
    """Another host of the domain could have set it; the site's own cookie is bound to its host."""
    assert visit_in({"owner": sign_visit(BOB)}) is None
    assert whose(visit_in({"__Host-x-owner": sign_visit(BOB)})) == ("bob", "v1")
