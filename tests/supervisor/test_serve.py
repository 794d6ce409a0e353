"""``manage.py serve``: the whole site, and the reasons for which it does not start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from chat.grants.secret_keys import FINGERPRINT, fingerprint
from supervisor.options import Options
from supervisor.plan import Configured
from supervisor.ports import listen
from supervisor.serve import _bindings
from tests.support.servers import (
    PATIENCE,
    REPOSITORY,
    Site,
    clean_environment,
    crowd,
    free_port,
    lives,
    running,
    start_site,
)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for the tests that leave it as it was."""
    with running(start_site(tmp_path_factory.mktemp("site") / "a folder")) as site:
        assert isinstance(site, Site)
        yield site


def serve(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail: its exit status and output."""
    return subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0", "--memory-port", "0", "--model-port", "0", *options],
        cwd=REPOSITORY,
        env=clean_environment(settings),
        capture_output=True,
        text=True,
        timeout=30 * PATIENCE,
        check=False,
    )


def get(url: str) -> tuple[int, str]:
    """The status and body of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=10 * PATIENCE) as answer:  # noqa: S310 - our own site
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_everything_runs_and_answers_where_the_record_says(up: Site):
    """Site, memory server, model and Redis answer at their addresses, and each child is in the record."""
    record = up.record()
    assert set(up.pids()) == {"valkey", "memory.1", "model", "web.1", "web.2"}
    assert get(record["web"] + "/healthz")[0] == 200
    assert get(record["memory"] + "/")[1].startswith('{"now":')
    assert get(record["model"] + "/models")[0] == 200
    with redis.Redis.from_url(record["redis"]) as client:
        assert client.ping()
        assert client.config_get("append*") == client.config_get("append*") | {
            "appendonly": "yes",
            "appendfsync": "always",
        }


def test_the_terminal_says_what_runs_where_and_how_to_make_a_staff_login(up: Site):
    """The address, the model and the command are printed once the site is up."""
    printed = up.log.read_text()
    assert f"The chat is up: {up.url}" in printed
    assert "the stand-in" in printed
    assert "createsuperuser" in printed


def test_the_database_is_ready_and_secrets_are_closed_to_others(up: Site):
    """Tables exist before the first request; the key, made at the first start, can be read only by its owner."""
    assert (up.data / "db.sqlite3").stat().st_size > 0
    assert (up.data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (up.data / "db.sqlite3").stat().st_mode & 0o777 == 0o600


def test_either_worker_takes_requests(up: Site):
    """Both accept connections from the shared socket."""
    seen: set[str] = set()
    deadline = time.monotonic() + 20 * PATIENCE
    while len(seen) < 2 and time.monotonic() < deadline:
        with urllib.request.urlopen(up.url + "/healthz") as answer:  # noqa: S310 - our own site
            seen.add(answer.headers["Served-By"].split("/")[0])
    assert seen == {"web.1", "web.2"}


def test_a_second_site_on_the_same_folder_is_refused(up: Site):
    """The sentence names the process that holds the folder."""
    refused = serve("--data", str(up.data))
    assert refused.returncode == 1
    assert f"in use by another supervisor (process {up.process.pid})" in refused.stderr


def test_a_taken_port_is_refused_before_anything_starts(up: Site, tmp_path: Path):
    """Site, memory server and stand-in each name their own option."""
    where = up.record()
    urls = (up.url, where["memory"], where["model"].removesuffix("/v1"))
    for option, url in zip(("--port", "--memory-port", "--model-port"), urls, strict=True):
        port = url.rpartition(":")[2]
        refused = serve(option, port, "--data", str(tmp_path))
        assert refused.returncode == 1
        assert f"Port {port} is taken" in refused.stderr
        assert option in refused.stderr


def test_a_configured_folder_leaves_the_other_options_as_they_are(up: Site, tmp_path: Path):
    """The port is that of the option, not the usual one."""
    port = up.url.rpartition(":")[2]
    refused = serve("--port", port, CHAT_DATA=str(tmp_path))
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr


def test_the_stand_in_has_a_port_that_is_known_beforehand(monkeypatch: pytest.MonkeyPatch):
    """Unless it is taken: then another is used, and a sentence says so."""
    with listen(0, "--port") as listener:
        port = free_port()
        monkeypatch.setattr("supervisor.serve.MODEL_PORT", port)
        assert _bindings(Options(memory_port=0), Configured(), listener, 0).model_port == port
        for options in (Options(memory_port=port), Options(memory_port=0, model_port=0)):
            assert _bindings(options, Configured(), listener, 0).model_port not in {0, port}


def test_a_usual_port_of_the_stand_in_that_is_taken_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """The site starts all the same."""
    with listen(0, "--port") as listener:
        taken = listener.getsockname()[1]
        monkeypatch.setattr("supervisor.serve.MODEL_PORT", taken)
        bindings = _bindings(Options(memory_port=0), Configured(), listener, 0)
        assert bindings.model_port != taken
        said = capsys.readouterr().err
        assert said.startswith(f"serve: Port {taken} is taken. The stand-in model is on port {bindings.model_port}")
        assert "--model-port" in said
        monkeypatch.setattr("supervisor.serve.MODEL_PORT", 0)
        assert _bindings(Options(memory_port=0), Configured(model_key="sk-key"), listener, 0).model_port == 0


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    """If a file is in the way, a sentence says so, without a traceback."""
    (tmp_path / "file").touch()
    refused = serve("--data", str(tmp_path / "file"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("serve: The data folder")
    assert len(refused.stderr.splitlines()) == 1
    refused = serve(CHAT_DATA=str(tmp_path / "file"))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"serve: The secret key cannot be stored in {tmp_path / 'file'}")
    assert len(refused.stderr.splitlines()) == 1


def test_a_bad_setting_is_refused(tmp_path: Path):
    """The settings' own sentence is printed, without a traceback."""
    refused = serve("--data", str(tmp_path), CHAT_LEASE="soon")
    assert refused.returncode == 1
    assert "CHAT_LEASE is 'soon'" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("REDIS_URL", "redis://localhost:99999"), ("MOTORHEAD_URL", "http://[::1"), ("CHAT_PUBLIC_URL", "https://a:b")],
)
def test_an_invalid_address_is_refused(tmp_path: Path, name: str, value: str):
    """A sentence says so before anything tries to connect."""
    refused = serve("--data", str(tmp_path), **{name: value})
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"serve: {name} ")
    assert len(refused.stderr.splitlines()) == 1


def test_an_address_that_does_not_answer_is_refused(tmp_path: Path):
    """If a configured Redis is down, a sentence gives its address."""
    port = free_port()
    refused = serve("--data", str(tmp_path), REDIS_URL=f"redis://127.0.0.1:{port}")
    assert refused.returncode == 1
    assert f"Nothing answers at redis://127.0.0.1:{port}" in refused.stderr


def test_a_machine_with_another_secret_key_is_refused(tmp_path: Path, redis_url: str):
    """Its Redis is that of a site with a key of its own. A sentence says what to set."""
    with redis.Redis.from_url(redis_url) as client:
        client.set(FINGERPRINT, fingerprint("the key of the others"))
    refused = serve("--data", str(tmp_path), REDIS_URL=redis_url)
    assert refused.returncode == 1
    assert "Set DJANGO_SECRET_KEY to the same key on all machines" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_store_that_cannot_be_read_leads_to_its_log(tmp_path: Path):
    """The sentence names the file in which Valkey says why it does not start: it writes nothing to the terminal."""
    files = tmp_path / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.rdb seq 1 type b\n")
    (files / "appendonly.aof.1.base.rdb").write_bytes(b"REDIS0011")
    refused = serve("--data", str(tmp_path))
    assert refused.returncode == 1
    log = tmp_path / "valkey" / "valkey.log"
    assert f"valkey ended with status 1 before it was ready. See the end of {log}." in refused.stderr
    assert "Unexpected EOF reading RDB file" in log.read_text()


def test_a_configured_redis_is_used_and_none_started(tmp_path: Path, redis_url: str):
    """The record has the operator's address, and no Valkey is among the children."""
    with running(start_site(tmp_path, "--workers", "1", REDIS_URL=redis_url)) as site:
        assert isinstance(site, Site)
        assert site.record()["redis"] == redis_url
        assert set(site.pids()) == {"memory.1", "model", "web.1"}


def test_nothing_outlives_a_supervisor_however_it_ends(tmp_path: Path):
    """After kill -9 the kernel ends every child; the next start on the same folder and port works, and ends cleanly."""
    site = start_site(tmp_path, "--workers", "1")
    pids, port = list(site.pids().values()), site.url.rpartition(":")[2]
    site.kill()
    deadline = time.monotonic() + 2 * PATIENCE
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < deadline, [pid for pid in pids if lives(pid)]
        time.sleep(0.01)
    again = start_site(tmp_path, "--workers", "1", "--port", port)
    pids = list(again.pids().values())
    assert get(again.url + "/healthz")[0] == 200
    assert again.stop() == 0
    assert not any(lives(pid) for pid in pids)
    assert not (tmp_path / "serve.json").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)), 1)


def test_killed_children_answer_again_within_four_seconds(tmp_path: Path):
    """Each is killed in turn: a new process runs within a second, and answers within four."""
    with running(start_site(tmp_path, "--workers", "1")) as site:
        assert isinstance(site, Site)
        record = site.record()
        for name, url in (("web.1", "web"), ("memory.1", "memory"), ("model", "model")):
            began = time.monotonic()
            site.wait_for_new(name, site.kill_child(name), seconds=crowd())
            path = {"web": "/healthz", "memory": "/", "model": "/models"}[url]
            while not answers(record[url] + path):
                assert time.monotonic() - began < 4 * PATIENCE * crowd(), f"{name} took too long"
                time.sleep(0.02)


def test_the_supervisor_itself_is_small(up: Site):
    """It takes less than 30 MiB of memory (PSS)."""
    assert pss(up.process.pid) < 30 * 2**20


def test_all_processes_together_stay_under_500_mebibytes(up: Site):
    """This is the total PSS of an idle site."""
    total = pss(up.process.pid) + sum(pss(pid) for pid in up.pids().values())
    assert total < 500 * 2**20


def pss(pid: int) -> int:
    """The proportional set size of process ``pid`` in bytes: shared memory counts in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"{os.getpid()} cannot read the memory map of {pid}.")


def answers(url: str) -> bool:
    try:
        return get(url)[0] < 500
    except OSError:
        return False
