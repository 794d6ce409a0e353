"""``python -m motorhead``: serve the memory."""

from __future__ import annotations

import sys

import uvloop

from motorhead import config, logs
from motorhead.exceptions import MotorheadError
from motorhead.server import serve


def main() -> int:
    """Serve until told to stop; the exit status. What is wrong is said in a sentence."""
    try:
        settings = config.load()
        logs.configure(settings.json_logs)
        uvloop.run(serve(settings))
    except MotorheadError as error:
        print(f"motorhead: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
