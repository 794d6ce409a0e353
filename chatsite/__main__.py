"""The command line: Django's commands, ``serve``, which runs the whole site without loading an app, and the roles.

``manage.py``, ``motorhead-chat`` and ``python -m chatsite`` all run this module.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chatsite.roles import ROLES, run

USAGE = """\
usage: {0} serve [options]     start the chat and everything it needs; serve --help shows the options
       {0} web|memory|model    run only a web worker, the memory server or the stand-in model, as in a container
       {0} COMMAND [arguments] a Django command, such as createsuperuser or issue_token; help lists them\
"""


def main() -> int:
    """Run the command in the arguments. Returns its exit status."""
    if sys.argv[1:] in ([], ["-h"], ["--help"]):
        print(USAGE.format(Path(sys.argv[0]).name))
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    if sys.argv[1:2] == ["serve"]:
        from supervisor.serve import main as serve

        return serve(sys.argv[2:])
    if sys.argv[1:2] and sys.argv[1] in ROLES:
        return run(sys.argv[1], sys.argv[2:])
    from chatsite.start import load_settings

    load_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
