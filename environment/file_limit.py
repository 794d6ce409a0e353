"""The limit on the open files of a process. Connections count as files."""

from __future__ import annotations

from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit

#: As many connections as one address can have with one port.
ENOUGH = 65_536


def raise_file_limit() -> None:
    """Allow this process as many open files as its starter permits, up to `ENOUGH`.

    Most systems begin with 1,024, which one client can use up with connections on which it sends nothing.
    """
    soft, hard = getrlimit(RLIMIT_NOFILE)
    wanted = ENOUGH if hard == RLIM_INFINITY else min(ENOUGH, hard)
    if soft != RLIM_INFINITY and soft < wanted:
        setrlimit(RLIMIT_NOFILE, (wanted, hard))
