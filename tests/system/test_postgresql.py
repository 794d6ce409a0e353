"""Accounts and staff in a real PostgreSQL, which several machines share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.cookies import csrf_token
from tests.support.postgresql import running_postgresql
from tests.support.servers import PATIENCE, REPOSITORY, Site, clean_environment, running, start_site
from tests.support.staff import PASSWORD, make_superuser, signed_in
from tests.support.waiting import until

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database() -> Iterator[str]:
    """The address of an empty database."""
    with running_postgresql() as url:
        yield url


def preparation(data: Path, database: str) -> subprocess.Popen[str]:
    """The task that prepares a machine with its own folder."""
    small = {"DJANGO_SETTINGS_MODULE": "tests.supervisor.small_settings"}
    return subprocess.Popen(
        [sys.executable, "-m", "supervisor.prepare"],
        cwd=REPOSITORY,
        env=clean_environment({"CHAT_DATA": str(data), "DATABASE_URL": database, **small}),
        stderr=subprocess.PIPE,
        text=True,
    )


def test_machines_that_start_together_migrate_once(tmp_path: Path, database: str):
    """One applies the migrations, and the others wait for it instead of failing at its tables."""
    machines: list[subprocess.Popen[str]] = []
    for name in ("a", "b", "c"):
        (tmp_path / name / "source").mkdir(parents=True)
        machines.append(preparation(tmp_path / name, database))
    for machine in machines:
        said = machine.communicate(timeout=60 * PATIENCE)[1]
        assert (machine.returncode, said) == (0, "")
    with psycopg.connect(database) as connection:
        applied = connection.execute("select app, name from django_migrations").fetchall()
    assert len(applied) == len(set(applied)) > 10


@contextmanager
def away(database: str) -> Iterator[None]:
    """The database refuses all connections for the length of the block."""
    with psycopg.connect(f"{database.rpartition('/')[0]}/template1", autocommit=True) as other:
        other.execute("alter database postgres allow_connections false")
        other.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'")
        yield
        other.execute("alter database postgres allow_connections true")


@contextmanager
def browser_of(site: Site, name: str) -> Iterator[httpx.Client]:
    """A browser that is signed in on the page."""
    options: Any = {"trust_env": False, "timeout": 30 * PATIENCE, "follow_redirects": True}
    with httpx.Client(base_url=site.url, **options) as browser:
        browser.get("/account/sign-in")
        form = {"csrfmiddlewaretoken": csrf_token(browser), "username": name, "password": PASSWORD}
        assert "/s/" in str(browser.post("/account/sign-in", data=form).url)
        yield browser


def test_a_login_on_one_machine_is_one_on_the_other(tmp_path: Path, database: str, redis_url: str):
    """With the same database and secret key, staff made on one sign in on it, and are known on the other.

    While the database is away, people who are signed in go on, and what needs it says so.
    """
    shared = {"DATABASE_URL": database, "REDIS_URL": redis_url, "DJANGO_SECRET_KEY": "of both machines"}
    with (
        running(start_site(tmp_path / "a", "--workers", "1", **shared)) as one,
        running(start_site(tmp_path / "b", "--workers", "1", **shared)) as other,
    ):
        assert isinstance(one, Site)
        make_superuser(one, "ann", **shared)
        with signed_in(one, "ann") as staff:
            assert staff.get(f"{other.url}/admin/").status_code == 200
            with browser_of(one, "ann") as browser:
                with away(database):
                    page = browser.get("/s/trip")
                    assert (page.status_code, "The accounts cannot be reached." in page.text) == (200, True)
                    refused = staff.get(f"{one.url}/admin/")
                    assert (refused.status_code, "The accounts cannot be reached." in refused.text) == (503, True)
                until(lambda: "<bdi>ann</bdi>" in browser.get("/s/trip").text, 20)
    assert not list(tmp_path.rglob("db.sqlite3"))
