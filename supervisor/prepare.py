"""Check the store and the secret key, and bring tables and static files up to date, before the workers start."""

from __future__ import annotations

import fcntl
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.utils.module_loading import import_string

from chatsite.database import trouble
from chatsite.logs import log_settings
from supervisor.lines import as_json
from telemetry.logs import json_line, report_uncaught

#: The admin app, with and without loading every app's admin pages. These load most of the chat, which takes seconds.
ADMIN, ADMIN_WITHOUT_PAGES = "django.contrib.admin", "django.contrib.admin.apps.SimpleAdminConfig"

#: What writes its lines, as JSON says.
PROCESS = "prepare"

#: The advisory lock of PostgreSQL that is held while migrations are applied: any number that is always the same.
MIGRATING = 0x6D_6F_74_6F_72


def main() -> int:
    """Prepare the site. Returns the exit status: 1, with a sentence, if it cannot start."""
    try:
        prepare()
    except (CommandError, ImproperlyConfigured) as error:
        _report(str(error))
        return 1
    except DatabaseError as error:
        _report(trouble(error))
        return 1
    return 0


def _report(sentence: str) -> None:
    print(json_line(PROCESS, "error", "supervisor", sentence) if as_json() else sentence, file=sys.stderr)


def prepare() -> None:
    """Check Redis and the secret key, apply the migrations, and collect the static files if any has changed.

    Raises `ImproperlyConfigured`: a setting has an invalid value; `CommandError`: Redis cannot be used, or knows
    another key; `DatabaseError`: the database cannot be used.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    settings.INSTALLED_APPS = [ADMIN_WITHOUT_PAGES if app == ADMIN else app for app in settings.INSTALLED_APPS]
    settings.DATABASES[DEFAULT_DB_ALIAS]["OPTIONS"].pop("pool", None)  # which would not say why it cannot connect
    settings.LOGGING = log_settings(settings.CHAT_LOG, PROCESS)
    if as_json():
        report_uncaught(PROCESS)
    django.setup()
    call_command("check_store")
    call_command("check_secret_key")
    with _alone():
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


def _alone() -> AbstractContextManager[None]:
    """Keep others from applying migrations: on PostgreSQL those of all machines, with SQLite those of the folder."""
    on_postgresql = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
    return _advisory_lock() if on_postgresql else _locked(settings.DATA)


@contextmanager
def _advisory_lock() -> Iterator[None]:
    """Hold the lock in a transaction of its own: it ends with the connection, also of a process that is killed."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATING])
        yield
    finally:
        own.close()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on ``folder``: of two sites that start at the same time, the second waits."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
