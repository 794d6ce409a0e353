"""``motorhead``, also ``python -m motorhead``: serve the memory, import an existing one, or examine it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvloop

from motorhead import config, logs
from motorhead.config import Settings
from motorhead.exceptions import MotorheadError
from motorhead.server import serve
from motorhead.tools import commands
from redis_link.exceptions import RedisLinkError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status. What is wrong is said in a sentence."""
    options = _parser().parse_args(arguments)
    try:
        settings = config.load()
        logs.configure(settings.log == "json")
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
    await serve(settings)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("motorhead", description="A Motörhead-compatible memory server.")
    verbs = parser.add_subparsers(dest="command", metavar="command")
    verbs.add_parser("serve", help="answer requests (the default)")
    taking = verbs.add_parser("import", help="take over the sessions of an existing Motörhead")
    taking.add_argument("source", help="the address of its Redis, redis://…")
    taking.add_argument("--again", action="store_true", help="also what was taken over before and deleted here since")
    looking = verbs.add_parser("fsck", help="look for damage in the store")
    looking.add_argument("--mend", action="store_true", help="mend what can be mended")
    return parser


if __name__ == "__main__":
    sys.exit(main())
