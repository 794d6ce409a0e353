"""The hashes of passwords."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, get_hasher, make_password

from chat.accounts.passwords import OneAtATimeHasher


class Busy:
    """Counts those that are inside at the same time."""

    def __init__(self) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def enter(self, *_: object) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.01)
        with self._lock:
            self._now -= 1
        return "encoded"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Busy:
    """What is inside Django's hasher."""
    busy = Busy()
    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", busy.enter)
    return busy


def test_passwords_are_hashed_one_after_the_other(busy):
    """Many guesses at the same time take one core, not all of them."""
    with ThreadPoolExecutor(8) as guesses:
        assert set(guesses.map(lambda guess: make_password(f"{guess}"), range(8))) == {"encoded"}
    assert busy.most == 1


def test_every_password_is_hashed_so():
    """Those of staff, too, and those that are stored already stay valid."""
    assert isinstance(get_hasher(), OneAtATimeHasher)
    stored = PBKDF2PasswordHasher().encode("a password", "salt")
    assert check_password("a password", stored)
    assert not check_password("another", stored)
