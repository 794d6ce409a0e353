"""Invitations to sign up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.accounts.invitations import digest_of, invite, is_valid, redeem
from chat.domain.exceptions import AccessDenied
from chat.models import Invitation

pytestmark = pytest.mark.django_db


def test_an_invitation_is_used_once() -> None:
    """Its secret is not kept."""
    secret = invite(note="Anna").secret
    assert is_valid(secret)
    redeem(secret)
    assert not is_valid(secret)
    with pytest.raises(AccessDenied, match="invitation was used"):
        redeem(secret)
    kept = Invitation.objects.get()
    assert (kept.digest, kept.secret, kept.note) == (digest_of(secret), "", "Anna")
    assert kept.used_at is not None


def test_an_invitation_expires() -> None:
    """After the days that it was made for."""
    invitation = invite(days=3)
    assert timedelta(days=2) < invitation.expires_at - timezone.now() <= timedelta(days=3)
    Invitation.objects.update(expires_at=timezone.now())
    assert not is_valid(invitation.secret)
    with pytest.raises(AccessDenied):
        redeem(invitation.secret)


@pytest.mark.parametrize("secret", ["", "a", "\ud800", "x" * 10_000])
def test_nobody_is_invited_by_another_secret(secret: str) -> None:
    """Whatever is in the address."""
    invite()
    assert not is_valid(secret)
