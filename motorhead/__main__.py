"""The command ``motorhead``, or ``python -m motorhead``: run the memory server, import into it, or check its store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvloop

from environment.file_limit import raise_file_limit
from motorhead import config, logs
from motorhead.config import Settings
from motorhead.exceptions import MotorheadError
from motorhead.server import serve
from motorhead.tools import commands
from redis_link.exceptions import RedisLinkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line's command; the exit status. Errors are printed to standard error as one sentence."""
    options = _parser().parse_args(arguments)
    try:
        settings = config.load()
        logs.configure(settings.log == "json", settings.process.name)
        return uvloop.run(_run(options, settings))
    except (MotorheadError, RedisLinkError) as error:
        print(f"motorhead: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command == "import":
        return await commands.take_over(settings, options.source, again=options.again)
    if options.command == "fsck":
        return await commands.examine(settings, mend=options.mend)
    raise_file_limit()
    await serve(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("motorhead", description="A Motörhead-compatible memory server.")
    verbs = parser.add_subparsers(dest="command", metavar="command")
    verbs.add_parser("serve", help="run the memory server (the default)")
    taking = verbs.add_parser("import", help="import the sessions of an existing Motörhead")
    taking.add_argument("source", help="the address of its Redis: redis://…")
    taking.add_argument(
        "--again", action="store_true", help="also import sessions that were imported before and then deleted here"
    )
    looking = verbs.add_parser("fsck", help="check the store for damage")
    looking.add_argument("--mend", action="store_true", help="repair what can be repaired")
    return parser


if __name__ == "__main__":
    sys.exit(main())
