"""Invitations to sign up. Their secrets are not kept, only digests. These functions are synchronous."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from chat.domain.exceptions import AccessDenied
from chat.models import Invitation

#: Days for which an invitation is valid, unless somebody chooses another number; and the most.
DAYS, MOST_DAYS = 14, 365


def digest_of(secret: str) -> str:
    """The digest by which an invitation is found."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def prepare(invitation: Invitation, days: int) -> None:
    """Give a new invitation its secret of 128 random bits, and the ``days`` until it expires. It is not saved."""
    invitation.secret = secrets.token_urlsafe(16)
    invitation.digest = digest_of(invitation.secret)
    invitation.expires_at = timezone.now() + timedelta(days=days)


def invite(days: int = DAYS, note: str = "") -> Invitation:
    """A new invitation, with its secret, which cannot be read again."""
    invitation = Invitation(note=note)
    prepare(invitation, days)
    invitation.save()
    return invitation


def is_valid(secret: str) -> bool:
    """Whether somebody can sign up with this secret now."""
    return _valid(secret).exists()


def redeem(secret: str) -> None:
    """Use an invitation up. Raises `AccessDenied`: no invitation has this secret, it was used, or it has expired."""
    if not _valid(secret).update(used_at=timezone.now()):
        raise AccessDenied("no_invitation")


def _valid(secret: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(digest=digest_of(secret), used_at=None, expires_at__gt=timezone.now())
