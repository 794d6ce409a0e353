#!/usr/bin/env python
"""Django's command line, and ``serve``, which runs the whole site: `chatsite.__main__` in a checkout."""

from __future__ import annotations

import sys

from chatsite.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
