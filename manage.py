#!/usr/bin/env python
"""Django's command line, plus ``serve``, which runs the whole site; the same as `chatsite.__main__`."""

from __future__ import annotations

import sys

from chatsite.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
