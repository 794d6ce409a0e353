"""The settings of Django's database."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatsite.database import database, trouble

FOLDER = Path("/var/chat")


def test_without_an_address_it_is_a_file_in_the_folder():
    """SQLite, so that a laptop needs no server."""
    found = database("", FOLDER)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", FOLDER / "db.sqlite3")


def test_an_address_is_that_of_a_postgresql():
    """Connections are pooled and checked before use; a server that is away is not waited for without end."""
    found = database("postgresql://chat:p%40ss@db.example.org:5433/site?sslmode=require", FOLDER)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    login = (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"])
    assert login == ("chat", "p@ss", "db.example.org", 5433, "site")
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["connect_timeout"] > 0
    assert 0 < found["OPTIONS"]["tcp_user_timeout"] <= 10_000  # ms; Linux would wait for a quarter of an hour
    pool = found["OPTIONS"]["pool"]
    assert pool["max_size"] > 1
    assert pool["reconnect_timeout"] <= 10  # otherwise an outage lasts twice as long for its site
    assert (found["CONN_HEALTH_CHECKS"], found["CONN_MAX_AGE"]) == (True, 0)


def test_the_address_can_say_for_how_long_to_wait():
    """In PostgreSQL's own words, for a network that is slower."""
    found = database("postgresql://db.example.org/site?connect_timeout=60&tcp_user_timeout=60000", FOLDER)
    assert (int(found["OPTIONS"]["connect_timeout"]), int(found["OPTIONS"]["tcp_user_timeout"])) == (60, 60_000)


@pytest.mark.parametrize("url", ["postgres://%2Frun%2Fpostgresql/site", "postgres:///site?host=/run/postgresql"])
def test_a_socket_can_be_named_in_either_way(url: str):
    """As in the addresses of PostgreSQL's own programs."""
    found = database(url, FOLDER)
    assert (found["HOST"] or found["OPTIONS"]["host"], found["NAME"]) == ("/run/postgresql", "site")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no such table: auth_user", "no such table: auth_user. See"),
        ("connection failed: refused\n\tIs it running?\n", "connection failed: refused. Is it running? See"),
    ],
)
def test_what_a_database_says_becomes_sentences(said: str, shown: str):
    """Each of its lines is one, and none has two marks at its end."""
    assert trouble(Exception(said)).startswith(f"The database cannot be used: {shown} DATABASE_URL")
