"""Credentials for programs: tokens and tickets."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from chat.domain.exceptions import AccessDenied
from chat.web.cookies import read_visit
from chat.web.tokens import issue_ticket, issue_token, owner_of_ticket, owner_of_token

HOUR = timedelta(hours=1)


def test_a_token_may_stand_in_a_subprotocol():
    """A token contains only characters that the header Sec-WebSocket-Protocol allows."""
    token = issue_token("A-b_9", HOUR)
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()


def test_credentials_expire():
    """An expired token is denied with a sentence."""
    token = issue_token("alice", timedelta(seconds=-1))
    with pytest.raises(AccessDenied, match="token has expired"):
        owner_of_token(token)


def test_a_ticket_is_good_for_a_minute(monkeypatch):
    """A ticket is denied a minute after it was issued."""
    ticket, now = issue_ticket("alice"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 59)
    assert owner_of_ticket(ticket) == "alice"
    monkeypatch.setattr(time, "time", lambda: now + 61)
    with pytest.raises(AccessDenied, match="ticket has expired"):
        owner_of_ticket(ticket)


def test_credentials_of_one_kind_are_no_credentials_of_another():
    """Cookies, tokens and tickets cannot be used for each other, so a ticket cannot outlive its minute."""
    with pytest.raises(AccessDenied):
        owner_of_token(issue_ticket("alice"))
    with pytest.raises(AccessDenied):
        owner_of_ticket(issue_token("alice", HOUR))
    assert read_visit(issue_ticket("alice")) is None
