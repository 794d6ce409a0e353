"""The task before the web workers: migrations and static files."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import REPOSITORY, clean_environment


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with one static file."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "page.css").write_text("body { color: black }")
    return tmp_path / "source"


def prepare(data: Path) -> None:
    command = [sys.executable, "-m", "supervisor.prepare"]
    env = {"CHAT_DATA": str(data), "DJANGO_SETTINGS_MODULE": "tests.supervisor.small_settings"}
    subprocess.run(command, cwd=REPOSITORY, env=clean_environment(env), check=True)


def test_a_new_folder_gets_its_tables_and_an_old_one_keeps_its_rows(tmp_path: Path, source: Path):
    """The first run makes the database, the next one leaves what is in it."""
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        database.execute("insert into auth_group (name) values ('kept')")
    database.close()
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("select name from auth_group").fetchall() == [("kept",)]
    database.close()


def test_static_files_are_collected_once_and_again_after_a_change(tmp_path: Path, source: Path):
    """A second start does not collect; one after a file changed or went does."""
    record = tmp_path / "collected" / "staticfiles.json"
    prepare(tmp_path)
    first = record.stat()
    prepare(tmp_path)
    assert record.stat().st_mtime_ns == first.st_mtime_ns
    (source / "page.css").write_text("body { color: navy }")
    (source / "new.css").write_text("")
    prepare(tmp_path)
    assert set(json.loads(record.read_text())["paths"]) == {"page.css", "new.css"}
    (source / "new.css").unlink()
    prepare(tmp_path)
    assert set(json.loads(record.read_text())["paths"]) == {"page.css"}
