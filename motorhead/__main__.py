"""``python -m motorhead``: serve the memory."""

from __future__ import annotations

import logging
import sys

import uvloop

from motorhead import config
from motorhead.exceptions import MotorheadError
from motorhead.server import serve


def main() -> int:
    """Serve until told to stop; the exit status. What is wrong is said in a sentence."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    try:
        uvloop.run(serve(config.load()))
    except MotorheadError as error:
        print(f"motorhead: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
