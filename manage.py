#!/usr/bin/env python
"""Django's command line, and ``serve``, which runs the whole site without loading an app."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command that the arguments name; return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    if sys.argv[1:2] == ["serve"]:
        from supervisor.serve import main as serve

        return serve(sys.argv[2:])
    from chatsite.start import load_settings

    load_settings()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
