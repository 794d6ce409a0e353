"""Processes that are as confined as those of a container, without one: Docker and a cluster are not to be had in tests.

Such a process sees a root file system of its own, which is read-only but for ``/tmp``, and has the image's files in
``/opt/motorhead-chat``. It belongs to a user without a name, and has no capabilities and no way to get any.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: The user in the image.
USER = "10001"
#: Where the image has the site.
SITE = "/opt/motorhead-chat"
#: Folders of this machine that it sees, besides those of the Python that runs the tests.
SHARED = ("/usr", "/bin", "/lib", "/lib64", "/etc", "/dev", "/proc")
#: What to say where it does not work.
MISSING = "Only root can make mount namespaces."

#: Arguments: an empty folder, the image's files, how many folders of this machine follow, these, and a command.
_SCRIPT = f"""
root=$1 image=$2 count=$3; shift 3
mount --make-rprivate /
mount -t tmpfs -o mode=755 root "$root"
mkdir "$root/tmp" && mount -t tmpfs -o mode=1777 scratch "$root/tmp" # first: .venv may be in it
while [ $count -gt 0 ]; do
    mkdir -p "$root$1" && mount --rbind "$1" "$root$1" # one that is a link, as .venv may be, is followed
    count=$((count - 1)); shift
done
mkdir -p "$root{SITE}" "$root/data"
mount --bind "$image" "$root{SITE}" && mount -o remount,bind,ro "$root{SITE}"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid {USER} --regid {USER} --clear-groups --bounding-set=-all --inh-caps=-all \
    --no-new-privs env --chdir={SITE} "$@"
"""


def confined(root: Path, image: Path, command: Sequence[str]) -> list[str]:
    """The command that runs ``command`` confined; ``root`` is an empty folder of its own.

    Its ``python`` is that of the tests. The process id stays the same, so signals reach the program.
    """
    python = sorted({sys.prefix, sys.base_prefix} - {"/usr"})
    shared = [path for path in (*SHARED, *python) if Path(path).exists()]
    program = [sys.executable if part == "python" else part for part in command]
    return [
        "unshare",
        "--mount",
        "sh",
        "-euc",
        _SCRIPT,
        "sh",
        str(root),
        str(image),
        str(len(shared)),
        *shared,
        *program,
    ]


def can_confine() -> bool:
    """Whether this process may make what `confined` needs."""
    tried = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    return os.geteuid() == 0 and tried.returncode == 0
