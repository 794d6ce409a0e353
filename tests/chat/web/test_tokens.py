"""Credentials for programs: tokens and tickets."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Token
from chat.web.cookies import read_visit
from chat.web.tokens import issue_ticket, issue_token, read_bearer, read_ticket, read_token

HOUR = timedelta(hours=1)
ALICE = Token("alice", "f00d")


def test_a_token_may_stand_in_a_subprotocol():
    """A token contains only characters that the header Sec-WebSocket-Protocol allows."""
    token = issue_token("A-b_9", HOUR)
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()


def test_a_token_has_an_id_for_the_register():
    """One issued by an earlier version has none."""
    assert read_token(issue_token("alice", HOUR, "f00d")) == ALICE
    assert read_token(issue_token("alice", HOUR)) == Token("alice", "")


def test_a_token_is_read_from_the_header():
    """The scheme may be written as one likes; anything else is denied for the reason that the caller gives."""
    token = issue_token("alice", HOUR, "f00d")
    for scheme in ("Bearer", "bearer"):
        assert read_bearer(f"{scheme} {token} ", "scheme") == ALICE
    for written in (None, "", "Bearer", "Bearer ", "Basic YTpi"):
        with pytest.raises(AccessDenied) as denied:
            read_bearer(written, "scheme")
        assert denied.value.reason == "scheme"
    with pytest.raises(AccessDenied, match="not issued"):
        read_bearer("Bearer x", "scheme")


def test_each_ticket_is_another():
    """Two of the same second can be used once each; both name the token that they depend on."""
    first, second = issue_ticket(ALICE), issue_ticket(ALICE)
    assert read_ticket(first).digest == read_ticket(first).digest != read_ticket(second).digest
    assert read_ticket(first).grants == ALICE.grants


def test_credentials_expire():
    """An expired token is denied with a sentence."""
    token = issue_token("alice", timedelta(seconds=-1))
    with pytest.raises(AccessDenied, match="token has expired"):
        read_token(token)


def test_a_ticket_is_good_for_a_minute(monkeypatch):
    """A ticket is denied a minute after it was issued."""
    ticket, now = issue_ticket(ALICE), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert read_ticket(ticket).owner == "alice"
    monkeypatch.setattr(time, "time", lambda: now + 61)
    with pytest.raises(AccessDenied, match="ticket has expired"):
        read_ticket(ticket)


def test_credentials_of_one_kind_are_no_credentials_of_another():
    """Cookies, tokens and tickets cannot be used for each other, so a ticket cannot outlive its minute."""
    with pytest.raises(AccessDenied):
        read_token(issue_ticket(ALICE))
    with pytest.raises(AccessDenied):
        read_ticket(issue_token("alice", HOUR))
    assert read_visit(issue_ticket(ALICE)) is None
