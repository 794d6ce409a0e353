"""A site of small children under its supervisor: started in order, repaired, and stopped in reverse order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.servers import PATIENCE, REPOSITORY, Site, crowd, lives, start

#: The requirement: a killed child runs again within a second.
WITHIN = 1.0


def until(condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds * PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def gone(*pids: int) -> bool:
    return not any(lives(pid) for pid in pids)


class Sites:
    """Starts small sites in one folder, and stops them at the end of the test."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[Site] = []

    def start(self, how: str = "well") -> Site:
        command = [sys.executable, "-m", "tests.supervisor.small_site", str(self.data), how]
        server = start(command, "", log=self.data / "log")
        self.started.append(Site(server.process, "", server.log, self.data))
        return self.started[-1]

    def start_and_wait(self, how: str = "well") -> Site:
        site = self.start(how)
        until((self.data / "serve.json").exists, "serve.json was not written")
        return site


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Sites]:
    sites = Sites(tmp_path)
    yield sites
    for site in sites.started:
        site.stop()


def test_the_record_names_every_running_process_in_order(sites: Sites):
    """It omits a task that has ended, has the planned addresses, and can be read only by its owner."""
    site = sites.start_and_wait()
    assert list(site.pids()) == ["first", "second"]
    assert not gone(*site.pids().values())
    assert site.record()["memory"] == "http://memory"
    assert (site.data / "serve.json").stat().st_mode & 0o777 == 0o600


def test_a_killed_child_is_restarted_within_a_second_and_recorded(sites: Sites):
    """Its new process id replaces the old one; the other child is left alone."""
    site = sites.start_and_wait()
    before = site.pids()
    site.wait_for_new("first", site.kill_child("first"), seconds=WITHIN * crowd())
    assert site.pids()["second"] == before["second"]


def test_a_child_that_answers_but_is_not_ready_keeps_the_site_down_only_for_a_while(sites: Sites):
    """Its pages can say what is wrong. The terminal says where to look."""
    site = sites.start_and_wait("unready")
    assert list(site.pids()) == ["first", "second"]
    assert "second answers, but is not ready; its address /readyz says why" in site.log.read_text()


def test_a_closed_terminal_stops_nothing(sites: Sites):
    """The supervisor cannot print its sentence about a killed child, but still restarts it."""
    command = [sys.executable, "-m", "tests.supervisor.small_site", str(sites.data)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    site = Site(process, "", sites.data / "log", sites.data)
    sites.started.append(site)
    until((site.data / "serve.json").exists, "serve.json was not written")
    assert process.stderr
    process.stderr.close()
    site.wait_for_new("first", site.kill_child("first"))
    assert process.poll() is None


def test_a_child_that_ends_while_others_of_its_stage_start_is_started_again(sites: Sites):
    """It had already answered; its end is noticed although other children are still starting."""
    site = sites.start_and_wait("hasty")
    until(lambda: "second ended with status 5; starting it again" in site.log.read_text(), "it was not started again")
    until(lambda: "second" in site.pids() and lives(site.pids()["second"]), "it does not run")


def test_a_child_that_hangs_is_replaced(sites: Sites):
    """It is running but answers nothing any more; a sentence says so, and a new process takes its place."""
    site = sites.start_and_wait("hanging")
    old = site.pids()["first"]
    os.kill(old, signal.SIGSTOP)
    site.wait_for_new("first", old, seconds=20)
    assert gone(old)
    assert site.log.read_text().count("first has given no sign of life for too long; ending it.") == 1


def test_a_full_disk_is_named(sites: Sites):
    """Valkey ends if it cannot write, so a child's end is the time to say why."""
    site = sites.start_and_wait("full")
    site.wait_for_new("first", site.kill_child("first"))
    assert f"the disk that holds {site.data} is full" in site.log.read_text()


def test_the_start_says_what_it_is_doing(sites: Sites):
    """Each stage is announced by the names of its children."""
    lines = sites.start_and_wait().log.read_text().splitlines()
    assert [line for line in lines if line.startswith("serve: ")] == [
        "serve: starting first.",
        "serve: starting task, second.",
    ]


def test_children_killed_together_all_come_back(sites: Sites):
    """One signal may stand for several ended children; none is missed."""
    site = sites.start_and_wait()
    before = [(name, site.kill_child(name)) for name in site.pids()]
    for name, old in before:
        site.wait_for_new(name, old)


def test_a_crash_loop_is_reported_and_slowed(sites: Sites):
    """Each time, the sentence says which child ended, how, and when it is restarted."""
    site = sites.start_and_wait("crashing")
    until(lambda: "second ended with status 4; starting it again in 1 s." in site.log.read_text(), "no sentence")
    assert "first ended" not in site.log.read_text()


def test_sigterm_ends_the_last_stage_first_and_leaves_nothing(sites: Sites):
    """The exit status is 0, and neither a child nor the record is left."""
    site = sites.start_and_wait()
    pids = site.pids().values()
    assert site.stop() == 0
    assert gone(*pids)
    assert (site.data / "ends").read_text().split() == ["second", "first"]
    assert not (site.data / "serve.json").exists()


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_reaches_only_the_supervisor(sites: Sites):
    """Children have their own sessions: they end in order, not all at once by the terminal's signal."""
    site = sites.start_and_wait()
    assert all(os.getsid(pid) == pid for pid in site.pids().values())
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(10 * PATIENCE) == 0
    assert (site.data / "ends").read_text().split() == ["second", "first"]


def test_a_second_signal_kills_a_child_that_ignores_the_first(sites: Sites):
    """A child that ignores SIGTERM is waited for, but no longer after a second request to stop."""
    site = sites.start_and_wait("deaf")
    pids = site.pids().values()
    site.process.send_signal(signal.SIGTERM)
    until((site.data / "ends").exists, "the child was not asked to end")
    assert site.process.poll() is None
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(5 * PATIENCE) == 0
    assert gone(*pids)


def test_no_child_outlives_a_killed_supervisor(sites: Sites):
    """After kill -9 of the supervisor the kernel ends its children, including one that was restarted."""
    site = sites.start_and_wait()
    site.wait_for_new("first", site.kill_child("first"))
    pids = site.pids().values()
    site.kill()
    until(lambda: gone(*pids), f"of {list(pids)} one lives on", seconds=2)


def test_a_child_that_cannot_start_ends_the_start_with_a_sentence(sites: Sites):
    """The sentence names it with its exit status; the others are stopped, and nothing is left behind."""
    site = sites.start("broken")
    assert site.process.wait(10 * PATIENCE) == 1
    assert "second ended with status 3 before it was ready." in site.log.read_text()
    assert (site.data / "ends").read_text().split() == ["first"]
    assert not (site.data / "serve.json").exists()


def test_a_record_that_cannot_be_written_stops_nothing(sites: Sites):
    """A sentence says that it is out of date; children are still restarted, and the site ends normally."""
    site = sites.start_and_wait()
    before = site.pids()
    (site.data / "serve.new").mkdir()
    os.kill(before["first"], signal.SIGKILL)
    until(lambda: "serve.json is out of date" in site.log.read_text(), "no sentence")
    assert "first was ended by SIGKILL; starting it again." in site.log.read_text()
    assert site.stop() == 0


def test_a_child_is_killed_on_request_and_restarted(sites: Sites):
    """The control socket in the data folder answers while the site is up, within a moment."""
    site = sites.start_and_wait()
    old = site.pids()["first"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.settimeout(5 * PATIENCE)
        client.bind("")
        client.connect(str(sites.data / "control"))
        client.send(json.dumps({"do": "kill", "name": "first", "pid": old}).encode())
        assert json.loads(client.recv(1000))["pid"] == old
    site.wait_for_new("first", old, seconds=WITHIN * crowd())
    assert "first was ended by SIGKILL; starting it again." in site.log.read_text()
    site.stop()
    assert not (sites.data / "control").exists()
