"""Credentials for programs: bearer tokens, and one-minute tickets for websockets."""

from __future__ import annotations

import time
from datetime import timedelta

from django.core.signing import BadSignature, Signer

from chat.domain.exceptions import AccessDenied

TICKET_LIFETIME = timedelta(minutes=1)


def issue_token(owner: str, lifetime: timedelta) -> str:
    """A bearer token for ``owner``, of characters that a websocket subprotocol allows."""
    return _issue("token", owner, lifetime)


def issue_ticket(owner: str) -> str:
    """A token for the query of a websocket's address. It is valid for one minute, since addresses end up in logs."""
    return _issue("ticket", owner, TICKET_LIFETIME)


def owner_of_token(token: str) -> str:
    """The owner of the bearer token. Raises `AccessDenied`: the token is not ours, or has expired."""
    return _owner_of("token", token)


def owner_of_ticket(ticket: str) -> str:
    """The owner of the ticket. Raises `AccessDenied`: the ticket is not ours, or is older than a minute."""
    return _owner_of("ticket", ticket)


def _signer(kind: str) -> Signer:
    return Signer(salt=f"chat.{kind}", sep=".")  # a subprotocol must not contain Django's own separator, a colon


def _issue(kind: str, owner: str, lifetime: timedelta) -> str:
    return _signer(kind).sign(f"{owner}.{int(time.time() + lifetime.total_seconds())}")


def _owner_of(kind: str, credential: str) -> str:
    try:
        owner, expiry = _signer(kind).unsign(credential).split(".")
    except BadSignature:
        raise AccessDenied("foreign_token", kind=kind) from None
    if time.time() >= int(expiry):
        raise AccessDenied("expired_token", kind=kind)
    return owner
