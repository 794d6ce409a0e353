"""The database of accounts, invitations and the logins of staff. Nothing said in a session is ever stored in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: Seconds to wait for PostgreSQL, or for a free connection to it.
PATIENCE = 5
#: Connections of one worker.
MOST_CONNECTIONS = 8


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's settings for the PostgreSQL at ``url``; "": an SQLite file in ``folder``."""
    return _postgresql(url) if url else _sqlite(folder)


def trouble(error: Exception) -> str:
    """A sentence or two about a database that cannot be used."""
    said = ". ".join(line.strip().rstrip(".") for line in str(error).splitlines() if line.strip())
    end = "" if said.endswith("?") else "."
    return f"The database cannot be used: {said}{end} See DATABASE_URL, or the folder CHAT_DATA."


def _sqlite(folder: Path) -> dict[str, Any]:
    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": folder / "db.sqlite3",
        "OPTIONS": {"init_command": pragmas, "timeout": 10},
    }


def _postgresql(url: str) -> dict[str, Any]:
    import dj_database_url  # most sites do without

    found: dict[str, Any] = {**dj_database_url.parse(url, conn_health_checks=True)}
    # Each request has a thread of its own under ASGI, and would open a connection of its own without a pool.
    # After an outage, a pool that may try for long pauses for about as long as the outage before its next try.
    limits = {"timeout": PATIENCE, "reconnect_timeout": PATIENCE}
    pool = {"min_size": 1, "max_size": MOST_CONNECTIONS, **limits}
    # Of a machine that has lost its power or its network, nothing comes, not even that a connection is refused.
    away = {"connect_timeout": PATIENCE, "tcp_user_timeout": PATIENCE * 1000}
    return {**found, "OPTIONS": {**away, **found.get("OPTIONS", {}), "pool": pool}}
