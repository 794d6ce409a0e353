"""Passwords are hashed one after the other.

Each keeps a core busy for a good part of a second, outside the interpreter's lock: together, the guesses of one client
would leave a worker no time for its pages.
"""

from __future__ import annotations

from threading import Lock

from django.contrib.auth.hashers import PBKDF2PasswordHasher

_turn = Lock()


class OneAtATimeHasher(PBKDF2PasswordHasher):
    """Django's own first hasher, one password at a time in a process."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """``password`` as it is stored; checking one needs this, too."""
        with _turn:
            return super().encode(password, salt, iterations)
