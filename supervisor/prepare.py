"""Bring the site's database and static files up to date: a task that ends, run before the web workers."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

#: The admin, with and without a look at every app's admin pages, which load most of the chat: seconds of each start.
ADMIN, ADMIN_WITHOUT_PAGES = "django.contrib.admin", "django.contrib.admin.apps.SimpleAdminConfig"


def prepare() -> None:
    """Apply the migrations, and collect the static files where one is newer than the last collection."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    settings.INSTALLED_APPS = [ADMIN_WITHOUT_PAGES if app == ADMIN else app for app in settings.INSTALLED_APPS]
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if _stale(collected):
        with _alone(collected.parent):
            if _stale(collected):
                call_command("collectstatic", interactive=False, verbosity=0)


def _stale(collected: Path) -> bool:
    if not collected.exists():
        return True
    made = collected.stat().st_mtime
    return any(path.stat().st_mtime > made for path in _sources())


def _sources() -> Iterator[Path]:
    """Every static file and its folder (a folder's time tells of files that were removed)."""
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            yield path
            yield path.parent


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two sites may start from one checkout at once: one collects, the other waits for it."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    prepare()
