"""One child process and its restarts."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from supervisor.exceptions import ChildFailed
from supervisor.plan import Child
from supervisor.processes import PAUSES, Process
from tests.support.servers import PATIENCE


def python(code: str, **more: Any) -> Process:
    return Process(Child("child", (sys.executable, "-c", code), **more))


def end_of(process: Process) -> int:
    deadline = time.monotonic() + 10 * PATIENCE
    while (status := process.ended()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return status


def test_a_child_receives_signals_that_the_supervisor_blocks():
    """SIGTERM, which the supervisor blocks for itself, ends a child."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        process = python("import time; time.sleep(60)")
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    process.signal(signal.SIGTERM)
    assert end_of(process) == -signal.SIGTERM
    assert process.pid is None


def test_a_child_gets_its_environment_over_the_supervisors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The plan's variables win over the operator's shell; its defaults do not."""
    monkeypatch.setenv("DEMANDED", "shell")
    monkeypatch.setenv("OFFERED", "shell")
    code = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(os.environ['DEMANDED'] + os.environ['OFFERED'])"
    process = python(code, environment={"DEMANDED": "plan"}, defaults={"OFFERED": "plan"})
    process.start()
    assert end_of(process) == 0
    assert (tmp_path / "seen").read_text() == "planshell"


def test_an_empty_variable_of_the_shell_leaves_the_plans_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty variable counts as unset, here as in all settings."""
    monkeypatch.setenv("OFFERED", " ")
    code = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(os.environ['OFFERED'])"
    process = python(code, defaults={"OFFERED": "plan"})
    process.start()
    assert end_of(process) == 0
    assert (tmp_path / "seen").read_text() == "plan"


def test_a_child_does_not_see_the_secrets_of_the_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Only those that it needs are in its environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-4711")
    monkeypatch.setenv("MOTORHEAD_TOKEN", "needed")
    code = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))"
    process = python(code, secrets=("MOTORHEAD_",))
    process.start()
    assert end_of(process) == 0
    seen = (tmp_path / "seen").read_text()
    assert ("needed" in seen, "sk-4711" in seen) == (True, False)


def test_a_child_reads_what_the_plan_gives_it(tmp_path: Path):
    """Secrets are passed through standard input, which is then closed."""
    code = f"import sys; open({str(tmp_path / 'seen')!r}, 'w').write(sys.stdin.read())"
    process = python(code, stdin="a secret\n")
    process.start()
    assert end_of(process) == 0
    assert (tmp_path / "seen").read_text() == "a secret\n"


def test_a_child_that_ends_before_it_reads_does_not_fail_the_start():
    """Its end is reported like any other."""
    process = python("import os; os.close(0); os._exit(4)", stdin="x" * 200_000)
    process.start()
    assert end_of(process) == 4


def test_a_killed_child_is_restarted_at_once_however_often():
    """The kernel or an operator ended it: it did nothing wrong."""
    process = python("pass")
    assert [process.plan_restart(-signal.SIGKILL) for _ in range(9)] == [0] * 9


def test_a_child_that_keeps_crashing_waits_longer_each_time(monkeypatch: pytest.MonkeyPatch):
    """A crash loop costs at most a restart every half minute; a child that ran for long starts over."""
    now = 1000.0
    monkeypatch.setattr("supervisor.processes._spawn", lambda *_: None)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    process = python("pass")
    pauses = []
    for _ in range(8):
        process.start()
        pauses.append(process.plan_restart(1))
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    process.start()
    now += 60
    assert process.plan_restart(1) == 0


def test_a_process_that_cannot_be_started_is_reported():
    """The sentence names the child and the reason."""
    process = Process(Child("child", ("/nowhere/program",)))
    with pytest.raises(ChildFailed, match=r"child could not be started \(.*No such file"):
        process.start()
