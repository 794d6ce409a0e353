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
    return _manage()


def _manage() -> int:
    """Run one of Django's commands. Returns its exit status: 1, with a sentence, if the database cannot be used."""
    from django.conf import settings
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)  # which would not say why it cannot connect
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        from chatsite.database import trouble

        print(trouble(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
