"""The site's secret key, stored in its folder for data."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: Commands of ``manage.py`` that sign for a site that exists.
KEYED = {"issue_token"}


def secret_key(folder: Path) -> str:
    """The key stored in ``folder``; generated at the first start, and readable only by the owner."""
    path = folder / "secret_key"
    if not path.exists() and set(sys.argv[1:2]) & KEYED:
        raise ImproperlyConfigured(
            f"There is no secret key in {folder} yet, and no site would accept a token signed with a new one. "
            "Start the site first, name its folder with CHAT_DATA, or set DJANGO_SECRET_KEY."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        if not path.exists():
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(50))
            try:
                os.link(made, path)  # atomic: the first process wins, and none reads half a key
            except FileExistsError:
                pass  # another process was first: its key is used
            finally:
                made.unlink()
        key = path.read_bytes().decode(errors="replace").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be stored in {folder} ({error.strerror}). "
            "Make the folder writable, name another (serve --data, or CHAT_DATA), or set DJANGO_SECRET_KEY."
        ) from None
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty. Delete that file to have a new one made.")
    return key
