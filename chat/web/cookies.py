"""The visitor's cookie: ``<owner>.<visit>.<time>``, signed with the site's key.

An owner id is a name, never a credential: only the signature counts.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner, b62_decode, b62_encode

from chat.domain.session_ids import new_owner_id
from chat.grants.credentials import SIGNED_IN, Visit

#: The name of the cookie in earlier versions, which all sites on a host shared. Its value has no visit.
SHARED_COOKIE = "owner"
#: Of the time in a cookie. Django's own is in seconds: too coarse for a visit that begins just after others were ended.
MICROSECOND = 1e-6


def lifetime() -> timedelta:
    """How long a cookie lasts."""
    return timedelta(days=settings.CHAT_OWNER_DAYS)


def new_visit() -> Visit:
    """The first visit of a new owner."""
    return Visit(new_owner_id(), new_visit_id(), time.time())


def new_visit_of(owner: str) -> Visit:
    """A new visit of somebody who has signed in: ``owner`` is that of their account."""
    return Visit(owner, SIGNED_IN + new_visit_id(), time.time())


def new_visit_after(visit: Visit) -> Visit:
    """A new visit of the same owner, who is signed in if they were."""
    return Visit(visit.owner, (SIGNED_IN if visit.signed_in else "") + new_visit_id(), time.time())


def new_visit_id() -> str:
    """A new random id of a visit."""
    return secrets.token_urlsafe(6)


def sign_visit(visit: Visit) -> str:
    """The value of the visit's cookie, signed now."""
    now = b62_encode(int(time.time() / MICROSECOND))
    return _signer().sign(f"{visit.owner}.{visit.id}.{now}" if visit.id else visit.owner)


def read_visit(cookie: str | None) -> Visit | None:
    """The visit in the value of a cookie; None if it is missing, tampered with, or too old."""
    if cookie is None:
        return None
    try:
        owner, *rest = _signer().unsign(cookie, max_age=lifetime()).split(".")
    except BadSignature:
        return None
    visit_id, at, *_ = *rest, "", ""  # earlier versions signed no time of their own, or not even a visit
    return Visit(owner, visit_id, b62_decode(at) * MICROSECOND if at else b62_decode(cookie.split(":")[-2]))


def visit_in(cookies: Mapping[str, str]) -> Visit | None:
    """The visit in a browser's ``cookies``; None without a valid one.

    Without a cookie of today's name, one of earlier versions counts, but not by https, where names are those of the
    host alone.
    """
    if settings.CHAT_OWNER_COOKIE in cookies or settings.SESSION_COOKIE_SECURE:
        return read_visit(cookies.get(settings.CHAT_OWNER_COOKIE))
    return read_visit(cookies.get(SHARED_COOKIE))


def frontend_visit_in(cookies: Mapping[str, str]) -> Visit | None:
    """The visit of another site's page in a browser's ``cookies``; None without a valid one. Check its Origin."""
    return read_visit(cookies.get(settings.CHAT_FRONTEND_COOKIE))


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="chat.owner")
