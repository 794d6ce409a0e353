"""All children of a plan: started in order, watched, restarted, and stopped in reverse order."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Sequence

from chatsite.folders import is_full
from supervisor.control import Control
from supervisor.exceptions import ChildFailed
from supervisor.lifesigns import Lifesigns
from supervisor.lines import tell
from supervisor.plan import Child, Plan
from supervisor.processes import Process
from supervisor.record import Record
from supervisor.signals import Signals

#: Seconds within which a child must be ready at the start (Valkey loads its data first).
START_PATIENCE = 120.0
#: Seconds that a stage may take to end after SIGTERM, besides those for which it drains.
STOP_PATIENCE = 10.0
#: Seconds between checks while children start or stop.
LOOK_AGAIN = 0.03
FULL = "the disk that holds {folder} is full: nothing can be stored there until you free some space."
#: The most seconds between checks for children that hang.
LOOK_FOR_SIGNS = 1.0


class Site:
    """All processes of a plan. When asked to stop, ``start`` and ``watch`` return; call ``stop`` afterwards."""

    def __init__(self, plan: Plan, record: Record, signals: Signals, lifesigns: Lifesigns, control: Control) -> None:
        self._stages = [[_process(child, lifesigns) for child in stage] for stage in plan.stages]
        self._up: list[Process] = []
        #: When each child that was not ready yet has first answered.
        self._answered: dict[str, float] = {}
        self._record = record
        self._signals = signals
        self._lifesigns = lifesigns
        self._control = control

    def start(self) -> bool:
        """Start each stage once the previous one is ready; returns false if asked to stop meanwhile.

        Raises `ChildFailed`: a child ended, or did not answer in time, before it was ready. Says on standard error what
        it is waiting for.
        """
        for stage in self._stages:
            tell(f"starting {', '.join(process.name for process in stage)}.")
            for process in stage:
                process.start()
            if not self._until_ready(stage):
                return False
        return True

    def watch(self) -> None:
        """Restart children that end or hang, answer requests, and keep the record up to date, until asked to stop."""
        self._check_all()  # the signal of a child that ended while its stage was starting has been received already
        self._write_record()
        while not self._signals.wait(self._until_next_restart()):
            self._control.answer(self._up)
            self._end_hanging()
            if self._check_all():
                self._write_record()

    def stop(self) -> None:
        """End the stages, last first: with SIGTERM, then (if too slow, or asked to stop again) with SIGKILL."""
        self._record.remove()
        for stage in reversed(self._stages):
            _signal(stage, signal.SIGTERM)
            if not self._until_ended(stage):
                _signal(stage, signal.SIGKILL)
                self._until_ended(stage)

    def _until_ready(self, stage: Sequence[Process]) -> bool:
        waiting = list(stage)
        deadline = time.monotonic() + START_PATIENCE
        while waiting := [process for process in waiting if not (_ready(process) or self._is_up_unready(process))]:
            if time.monotonic() > deadline:
                raise ChildFailed(f"{waiting[0].name} does not answer after {START_PATIENCE:.0f} seconds.")
            if self._signals.wait(LOOK_AGAIN):
                return False
            self._check_all()
        for process in stage:
            self._lifesigns.note(process)
        self._up += [process for process in stage if process.pid]
        return True

    def _is_up_unready(self, process: Process) -> bool:
        """Whether the child has answered for as long as it may without becoming ready."""
        probe, after = process.child.probe, process.child.unready_after
        if probe is None or after is None or not probe.lives():
            return False
        now = time.monotonic()
        if now < self._answered.setdefault(process.name, now) + after:
            return False
        tell(f"{process.name} answers, but is not ready; its address /readyz says why.", "warning")
        return True

    def _until_ended(self, stage: Sequence[Process]) -> bool:
        deadline = time.monotonic() + STOP_PATIENCE + max((process.child.drains for process in stage), default=0)
        while any(process.pid and process.ended() is None for process in stage):
            if self._signals.wait(LOOK_AGAIN) or time.monotonic() > deadline:
                return False
        return True

    def _until_next_restart(self) -> float:
        due = [process.restart_at for process in self._up if process.restart_at is not None]
        return min(LOOK_FOR_SIGNS, *(at - time.monotonic() for at in due)) if due else LOOK_FOR_SIGNS

    def _end_hanging(self) -> None:
        for process in self._lifesigns.hanging(self._up):
            tell(f"{process.name} has given no sign of life for too long; ending it.", "error")
            process.signal(signal.SIGKILL)
            self._lifesigns.note(process)  # its end is noticed in a moment

    def _write_record(self) -> None:
        try:
            self._record.write(self._up)
        except OSError as error:  # a full disk is no reason to take the site down
            tell(f"{self._record.path} is out of date: it cannot be written ({error.strerror}).", "warning")

    def _check_all(self) -> bool:
        """Notice children that ended, and restart those that are due; returns whether anything changed."""
        ended = [process for process in self._up if _ended(process)]
        if ended and is_full(self._record.folder):
            tell(FULL.format(folder=self._record.folder), "error")
        started = [process for process in self._up if _is_due(process) and _start_again(process)]
        return bool(ended or started)


def _process(child: Child, lifesigns: Lifesigns) -> Process:
    return Process(child, lifesigns.environment if child.notifies else None)


def _ended(process: Process) -> bool:
    """Whether the child has ended since the last check; its restart is then planned."""
    if (status := process.ended()) is None:
        return False
    pause = process.plan_restart(status)
    tell(f"{process.name} {_end(status)}; starting it again{f' in {pause:g} s' if pause else ''}.", "warning")
    return True


def _is_due(process: Process) -> bool:
    return process.restart_at is not None and process.restart_at <= time.monotonic()


def _start_again(process: Process) -> bool:
    try:
        process.start()
    except ChildFailed as failed:
        tell(f"{failed} Trying again in {process.plan_restart(1):g} s.", "error")
        return False
    return True


def _ready(process: Process) -> bool:
    """Whether the child answers or, without a probe, has succeeded. Raises `ChildFailed`: it ended otherwise."""
    probe = process.child.probe
    if (status := process.ended()) is None:
        return probe is not None and probe.answers()
    if probe is None and status == 0:
        return True
    output = f"the end of {process.child.log}" if process.child.log else "its output above"
    raise ChildFailed(f"{process.name} {_end(status)} before it was ready. See {output}.")


def _signal(stage: Iterable[Process], number: signal.Signals) -> None:
    for process in stage:
        process.signal(number)


def _end(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"
