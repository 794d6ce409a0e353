"""Bring the database and static files up to date: a task that runs to its end before the web workers start."""

from __future__ import annotations

import fcntl
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.utils.module_loading import import_string

#: The admin app, with and without loading every app's admin pages. These load most of the chat, which takes seconds.
ADMIN, ADMIN_WITHOUT_PAGES = "django.contrib.admin", "django.contrib.admin.apps.SimpleAdminConfig"


def prepare() -> None:
    """Apply the migrations, and collect the static files if any is newer than the last collection."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    settings.INSTALLED_APPS = [ADMIN_WITHOUT_PAGES if app == ADMIN else app for app in settings.INSTALLED_APPS]
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if _stale(collected):
        with _locked(collected.parent):
            if _stale(collected):
                call_command("collectstatic", interactive=False, verbosity=0)


def _stale(collected: Path) -> bool:
    if not collected.exists():
        return True
    made = collected.stat().st_mtime
    return any(path.stat().st_mtime > made for path in _sources())


def _sources() -> Iterator[Path]:
    """Every static file and its folder, whose modification time reveals removed files; and what collects them."""
    yield Path(inspect.getfile(import_string(settings.STORAGES["staticfiles"]["BACKEND"])))
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            yield path
            yield path.parent


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on ``folder``: if two sites start from one checkout, one collects and the other waits."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    prepare()
