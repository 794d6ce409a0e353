"""Credentials for programs: bearer tokens, and one-minute tickets for websockets."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import timedelta

from django.core.signing import BadSignature, Signer

from chat.domain.exceptions import AccessDenied
from chat.grants.credentials import Ticket, Token

TICKET_LIFETIME, LONGEST_TICKET = timedelta(minutes=1), timedelta(minutes=10)


def issue_token(owner: str, lifetime: timedelta, token_id: str = "") -> str:
    """A bearer token for ``owner``, of characters that a websocket subprotocol allows.

    ``token_id`` is its id in the register (`chat.grants.tokens`); a token without one cannot be revoked.
    """
    return _issue("token", owner, lifetime, *([token_id] if token_id else []))


def issue_ticket(token: Token, owner: str | None = None, lifetime: timedelta = TICKET_LIFETIME) -> str:
    """A ticket for the query of an address, for the token's owner or another of its tenant.

    It opens one connection, within a minute unless ``lifetime`` says otherwise, since addresses end up in logs.
    """
    return _issue("ticket", owner or token.owner, lifetime, secrets.token_urlsafe(9), token.token_id)


def read_token(token: str) -> Token:
    """The bearer token, which may have been revoked. Raises `AccessDenied`: it is not ours, or has expired."""
    owner, *ids = _read("token", token)
    return Token(owner, ids[0] if ids else "")


def read_bearer(written: str | None, otherwise: str) -> Token:
    """The token in a header Authorization, which may have been revoked.

    Raises `AccessDenied`: it is missing (for the reason ``otherwise``), not ours, or has expired.
    """
    scheme, _, token = (written or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AccessDenied(otherwise)
    return read_token(token.strip())


def read_ticket(ticket: str) -> Ticket:
    """The ticket, which may have been used. Raises `AccessDenied`: it is not ours, or is older than a minute."""
    owner, *rest = _read("ticket", ticket)
    return Ticket(owner, rest[-1] if rest else "", hashlib.sha256(ticket.encode()).hexdigest())


def _signer(kind: str) -> Signer:
    return Signer(salt=f"chat.{kind}", sep=".")  # a subprotocol must not contain Django's own separator, a colon


def _issue(kind: str, owner: str, lifetime: timedelta, *more: str) -> str:
    return _signer(kind).sign(".".join([owner, str(int(time.time() + lifetime.total_seconds())), *more]))


def _read(kind: str, credential: str) -> list[str]:
    """What was signed, without the expiry: the owner, and what is more."""
    try:
        owner, expiry, *more = _signer(kind).unsign(credential).split(".")
    except BadSignature:
        raise AccessDenied("foreign_token", kind=kind) from None
    if time.time() >= int(expiry):
        raise AccessDenied("expired_token", kind=kind)
    return [owner, *more]
