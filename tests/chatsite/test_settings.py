"""The site's settings: read from the environment, and refused with a sentence if invalid."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chatsite import settings
from tests.support.servers import REPOSITORY, clean_environment


def load(data: Path, expression: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A new process that loads the settings and prints ``expression``."""
    code = f"from chatsite import settings; print({expression})"
    env = clean_environment({"CHAT_DATA": str(data), **env})
    return subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHAT_LEASE", "soon"),
        ("CHAT_LEASE", "0"),
        ("CHAT_TURNS_PER_MINUTE", "-1"),
        ("CHAT_COOKIE_PREFIX", "a=b"),
        ("CHAT_TURNS_PER_MINUTE_IN_ALL", "many"),
        ("CHAT_MAX_MESSAGE_CHARS", "nan"),
        ("CHAT_MAX_REPLY_CHARS", "0"),
        ("DJANGO_DEBUG", "maybe"),
        ("REDIS_URL", "localhost:6379"),
        ("MOTORHEAD_URL", "http://"),
        ("OPENAI_BASE_URL", "ftp://models"),
        ("CHAT_PUBLIC_URL", "chat.example.org"),
        ("CHAT_PUBLIC_URL", "https://a:b"),
        ("CHAT_PUBLIC_URL", "https://a/../b"),
        ("CHAT_PUBLIC_URL", "https://a/admin/chat"),
        ("MOTORHEAD_TOKEN", "two words"),
        ("CHAT_ALLOWED_ORIGINS", "example.org"),
        ("CHAT_ALLOWED_ORIGINS", "https://example.org/app"),
    ],
)
def test_a_bad_value_ends_the_start_with_a_sentence(tmp_path: Path, name: str, value: str) -> None:
    """The sentence names the variable, its value, and the valid ones."""
    failed = load(tmp_path, "1", **{name: value})
    assert failed.returncode != 0
    assert name in failed.stderr.splitlines()[-1]
    assert failed.stderr.rstrip().endswith(".")


#: Plausible mistakes and unlikely texts; each is tried in every variable.
ODD = [
    *("inf", "-inf", "nan", "1e400", "-1", "0", "0x10", "1.5", "9" * 5000, "maybe", "²", "\udcff", "a\nb", "\x7f"),
    *("redis://localhost:99999", "redis://localhost:abc", "redis://[::1", "unix://", "redis://h?x=1", "rediss://h/x"),
    *("http://[::1", "http://h:0", "https://[x", "https://a:b", "https://a..b", f"https://{'a' * 70}", "//", "http:"),
]


def test_no_odd_value_ends_in_another_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is accepted or refused with one sentence that begins with the variable's name; most are refused."""
    path = REPOSITORY / "chatsite" / "settings.py"
    variables = {each.name for each in settings.variables()} - {"CHAT_DATA"}
    assert len(variables) > 20
    refused = 0
    monkeypatch.setenv("CHAT_DATA", str(tmp_path))
    for name in variables:
        for value in ODD:
            monkeypatch.setenv(name, value)
            try:
                runpy.run_path(str(path))
            except ImproperlyConfigured as error:
                sentence = str(error)
                refused += sentence.startswith(name) and len(sentence.splitlines()) == 1
        monkeypatch.delenv(name)
    assert refused > len(variables) * len(ODD) // 2


@pytest.mark.parametrize("command", [["manage.py", "migrate"], ["-m", "daphne", "chatsite.asgi:application"]])
def test_a_process_that_loads_bad_settings_prints_the_sentence_alone(tmp_path: Path, command: list[str]) -> None:
    """It prints no traceback, and exits with status 2."""
    env = clean_environment({"CHAT_DATA": str(tmp_path), "CHAT_LEASE": "soon"})
    failed = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 2
    assert failed.stderr == "CHAT_LEASE is 'soon'. Write a number from 0.5 to 3600.\n"


def test_an_empty_secret_key_is_refused(tmp_path: Path) -> None:
    """A key file left empty by a crash is not used."""
    (tmp_path / "secret_key").touch()
    assert load(tmp_path, "1").stderr.rstrip().endswith("Delete that file to have a new one made.")


def test_the_secret_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    """Processes that start at the same time share one key, in a file that other users cannot read."""
    keys = {load(tmp_path, "settings.SECRET_KEY").stdout for _ in range(3)}
    assert len(keys) == 1
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_data_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """Here a file is in the way."""
    (tmp_path / "file").touch()
    failed = load(tmp_path / "file" / "data", "1")
    assert "CHAT_DATA" in failed.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
def test_both_names_of_the_models_address_work(tmp_path: Path, name: str) -> None:
    """The original's name and today's are both read; today's wins."""
    assert load(tmp_path, "settings.OPENAI_BASE_URL", **{name: "http://m/v1/"}).stdout == "http://m/v1\n"
    both = {"OPENAI_BASE_URL": "http://a", "OPENAI_API_BASE": "http://b"}
    assert load(tmp_path, "settings.OPENAI_BASE_URL", **both).stdout == "http://a\n"


AZURE = {"AZURE_API_BASE": "https://r.openai.azure.com/", "AZURE_API_KEY": "k", "AZURE_DEPLOYMENT_ID": "d"}


@pytest.mark.parametrize("name", AZURE)
def test_azure_needs_three_variables(tmp_path: Path, name: str) -> None:
    """Without one of them the start ends with a sentence that names it."""
    failed = load(tmp_path, "1", **{each: value for each, value in AZURE.items() if each != name})
    assert failed.stderr.rstrip().endswith(f"Set {name}, too.")


def test_azures_api_has_a_version(tmp_path: Path) -> None:
    """Both names are read, the one for Azure alone first; the default is the memory server's."""
    expression = "(settings.AZURE_API_BASE, settings.AZURE_API_VERSION)"
    assert load(tmp_path, expression, **AZURE).stdout == "('https://r.openai.azure.com', '2023-05-15')\n"
    older = {"OPENAI_API_VERSION": "2024-02-01"}
    assert "2024-02-01" in load(tmp_path, expression, **AZURE, **older).stdout
    assert "2024-10-21" in load(tmp_path, expression, **AZURE, **older, AZURE_API_VERSION="2024-10-21").stdout


def test_the_memory_servers_public_address_holds_no_password(tmp_path: Path) -> None:
    """It is shown on a page that every visitor may read."""
    shown = load(tmp_path, "settings.CHAT_PUBLIC_MEMORY_URL", MOTORHEAD_URL="http://user:secret@m:81").stdout
    assert shown == "http://m:81\n"


def test_a_public_address_makes_cookies_secure(tmp_path: Path) -> None:
    """The same variable sets the allowed host and the trusted origin."""
    expression = "(settings.SESSION_COOKIE_SECURE, settings.ALLOWED_HOSTS[-1], settings.CSRF_TRUSTED_ORIGINS)"
    shown = load(tmp_path, expression, CHAT_PUBLIC_URL="https://chat.example.org").stdout
    assert shown == f"{(True, 'chat.example.org', ['https://chat.example.org'])}{os.linesep}"
    shown = load(tmp_path, expression, CHAT_PUBLIC_URL="https://[::1]:8443/").stdout
    assert shown == f"{(True, '[::1]', ['https://[::1]:8443'])}{os.linesep}"


def test_a_site_that_others_reach_knows_its_names(tmp_path: Path) -> None:
    """Its address is enough, or a list of names; without either, it does not start."""
    failed = load(tmp_path, "1", CHAT_HOST="0.0.0.0").stderr.rstrip()
    assert failed.endswith("Set CHAT_PUBLIC_URL to its address, or CHAT_ALLOWED_HOSTS to its names and addresses.")
    expression = "(settings.ALLOWED_HOSTS[3:], settings.CHAT_ON_LOOPBACK)"
    shown = load(tmp_path, expression, CHAT_HOST="0.0.0.0", CHAT_ALLOWED_HOSTS="chat.lan 10.0.0.5").stdout
    assert shown == f"{(['chat.lan', '10.0.0.5'], False)}{os.linesep}"
    shown = load(tmp_path, expression, CHAT_HOST="::", CHAT_PUBLIC_URL="https://chat.example.org").stdout
    assert shown == f"{(['chat.example.org'], False)}{os.linesep}"
    assert load(tmp_path, expression, CHAT_HOST="127.0.0.2").stdout == f"{([], True)}{os.linesep}"


def test_a_site_can_be_below_a_path(tmp_path: Path) -> None:
    """The path is part of the public address, but not of the origin."""
    expression = "(settings.CHAT_PUBLIC_ORIGIN, settings.FORCE_SCRIPT_NAME, settings.STATIC_URL)"
    shown = load(tmp_path, expression, CHAT_PUBLIC_URL="https://example.org/a/chat/").stdout
    assert shown == f"{('https://example.org', '/a/chat', '/a/chat/static/')}{os.linesep}"


def test_each_site_has_its_own_names_for_cookies(tmp_path: Path) -> None:
    """They depend on the site's key, or on the prefix that is configured; by https they are bound to the host."""
    expression = "(settings.CHAT_OWNER_COOKIE, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME)"
    first, second = (load(tmp_path / name, expression).stdout for name in ("a", "b"))
    assert first != second
    assert load(tmp_path / "a", expression).stdout == first
    named = load(tmp_path, expression, CHAT_COOKIE_PREFIX="x", CHAT_PUBLIC_URL="https://chat.example.org").stdout
    assert named == f"{('__Host-x-owner', '__Host-x-csrftoken', '__Host-x-sessionid')}{os.linesep}"


def test_every_variable_is_listed_with_its_default_and_its_meaning() -> None:
    """Each is listed once, in the order of the file, for the reference documentation."""
    listed = {each.name: each for each in settings.variables()}
    assert len(listed) == len(settings.variables())
    assert next(iter(listed)) == "CHAT_DATA"
    assert (listed["CHAT_LEASE"].default, listed["CHAT_ALLOWED_ORIGINS"].default) == (5.0, [])
    assert listed["OPENAI_BASE_URL"].older_name == "OPENAI_API_BASE"
    assert all(each.meaning.endswith(".") and "\n" not in each.meaning for each in listed.values())


def test_processes_cannot_be_ended_from_a_page_that_others_reach(tmp_path: Path) -> None:
    """The drawer is refused with a sentence on a public address, and possible on this machine's own."""
    failed = load(tmp_path, "1", CHAT_KILL_DRAWER="yes", CHAT_PUBLIC_URL="https://chat.example.org")
    assert failed.returncode != 0
    assert "CHAT_KILL_DRAWER is on, but others reach the site" in failed.stderr
    for others in ({"CHAT_ALLOWED_HOSTS": "chat.lan"}, {"CHAT_HOST": "0.0.0.0", "CHAT_PUBLIC_URL": "http://[::1]"}):
        assert "CHAT_KILL_DRAWER is on" in load(tmp_path, "1", CHAT_KILL_DRAWER="yes", **others).stderr
    for address in ("", "http://localhost:8000", "https://[::1]"):
        allowed = load(tmp_path, "settings.CHAT_KILL_DRAWER", CHAT_KILL_DRAWER="yes", CHAT_PUBLIC_URL=address)
        assert allowed.stdout == "True\n"
    assert load(tmp_path, "settings.CHAT_KILL_DRAWER").stdout == "False\n"
