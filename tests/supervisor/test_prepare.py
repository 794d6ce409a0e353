"""The task that runs before the web workers: migrations and static files."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import REPOSITORY, clean_environment, free_port


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


def failing(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The end of a preparation with these settings."""
    command = [sys.executable, "-m", "supervisor.prepare"]
    return subprocess.run(
        command, cwd=REPOSITORY, env=clean_environment(env), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "mysql://x/y"), ("REDIS_KEY_PREFIX", "sh{op:"), ("REDIS_URL", "redis+sentinel://h/")],
)
def test_a_setting_with_an_invalid_value_is_a_sentence(name: str, value: str, tmp_path: Path):
    """It names the setting, and no line of the program."""
    failed = failing({"CHAT_DATA": str(tmp_path), name: value})
    assert failed.returncode == 1
    assert failed.stderr.startswith(name)
    assert len(failed.stderr.splitlines()) == 1


def test_a_new_folder_gets_its_tables_and_an_old_one_keeps_its_rows(tmp_path: Path, source: Path):
    """The first run creates the database, and the next one keeps its contents."""
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        database.execute("insert into auth_group (name) values ('kept')")
    database.close()
    prepare(tmp_path)
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        assert database.execute("select name from auth_group").fetchall() == [("kept",)]
    database.close()


def test_static_files_are_collected_once_and_again_after_a_change(tmp_path: Path, source: Path):
    """A second start does not collect; one after a file was changed or removed does."""
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


def test_a_database_that_is_away_is_a_sentence(tmp_path: Path, source: Path):
    """It names the variable, and not the password."""
    env = {"CHAT_DATA": str(tmp_path), "DATABASE_URL": f"postgresql://chat:secret@127.0.0.1:{free_port()}/chat"}
    failed = failing(env)
    assert failed.returncode == 1
    assert failed.stderr.startswith("The database cannot be used: ")
    assert failed.stderr.endswith("See DATABASE_URL, or the folder CHAT_DATA.\n")
    assert "?." not in failed.stderr
    assert "secret" not in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_all_lines_of_the_preparation_are_its_own(tmp_path: Path, source: Path):
    """Also those that Django's loggers write, in the name of the preparation and not of the worker that it is for."""
    code = "import logging; from supervisor.prepare import prepare; prepare(); logging.getLogger('chat').warning('Hi')"
    env = clean_environment({"CHAT_DATA": str(tmp_path), "CHAT_LOG": "json", "CHAT_WORKER": "vm:web"})
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, env=env, check=True, capture_output=True, text=True)
    assert {json.loads(line)["process"] for line in done.stderr.splitlines()} == {"prepare"}


def test_an_error_that_nothing_foresees_is_a_line_as_well(tmp_path: Path, source: Path):
    """A folder that is a file, say: its frames and its type are in one JSON object."""
    (tmp_path / "collected").touch()
    small = {"DJANGO_SETTINGS_MODULE": "tests.supervisor.small_settings"}
    failed = failing({"CHAT_DATA": str(tmp_path), "CHAT_LOG": "json", **small})
    assert failed.returncode == 1
    (line,) = map(json.loads, failed.stderr.splitlines())
    assert (line["process"], line["level"]) == ("prepare", "critical")
    assert line["trace"].endswith("FileExistsError")


def test_the_tables_and_permissions_of_the_site_are_made_without_loading_the_chat(tmp_path: Path):
    """Every start waits for this task, so it loads neither the admin's pages nor any client library."""
    code = "import sys; from supervisor.prepare import prepare; prepare(); print(*sys.modules)"
    env = clean_environment({"CHAT_DATA": str(tmp_path)})
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=env, check=True, capture_output=True)
    loaded = set(done.stdout.decode().split())
    assert not loaded & {"chat.staff.admin", "openai", "langchain_core", "redis", "httpx", "twisted"}
    with sqlite3.connect(tmp_path / "db.sqlite3") as database:
        made = {name for (name,) in database.execute("select codename from auth_permission")}
    database.close()
    assert {"view_session", "delete_session", "view_logentry"} <= made
