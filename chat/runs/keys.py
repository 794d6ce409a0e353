"""The names of the Redis keys of runs."""

from __future__ import annotations

from urllib.parse import quote

#: The sessions that have a run, sorted by the time at which its lease lapses.
ACTIVE = "chat:runs:active"


def run_key(memory_id: str) -> str:
    """The active run: a hash, and the session's lock."""
    # The braces are a Redis Cluster hash tag, which puts all keys of a session into one slot. Braces in ids are quoted.
    return f"chat:run:{{{quote(memory_id, safe='')}}}"


def ended_key(memory_id: str) -> str:
    """The session's last ended run."""
    return f"{run_key(memory_id)}:ended"


def endings_key(memory_id: str) -> str:
    """The session's turns that ended less than five minutes ago, to be forgotten when it is deleted."""
    return f"{run_key(memory_id)}:endings"


def done_key(memory_id: str, turn_id: str) -> str:
    """The generation in which a turn ended."""
    return f"{run_key(memory_id)}:done:{turn_id}"


def stop_key(memory_id: str, turn_id: str) -> str:
    """The request to stop a turn."""
    return f"{run_key(memory_id)}:stop:{turn_id}"


def log_key(memory_id: str, turn_id: str, generation: int) -> str:
    """The log of one generation of a turn: a stream."""
    return f"{run_key(memory_id)}:log:{turn_id}:{generation}"


def prompt_key(memory_id: str, turn_id: str) -> str:
    """What the model of a turn was sent: a hash."""
    return f"{run_key(memory_id)}:prompt:{turn_id}"


def bell_of(memory_id: str) -> str:
    """The channel of a session's bell; the scripts form its name like this, too."""
    return f"{run_key(memory_id)}:bell"


def log_bell_of(memory_id: str) -> str:
    """The channel of the bell that rings for everything written to the log of the session's run, likewise."""
    return f"{run_key(memory_id)}:log"
