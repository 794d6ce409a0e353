"""What drawing a reply costs for each of its characters, for hostile Markdown against ordinary text in the same run.

    python -m benchmarks.markdown [--characters N] [--rounds N]

Each text is drawn as a message of a page: as HTML, or as plain text where its Markdown is too much. Below, a reply
grows piece by piece. It reports and judges nothing: its exit status is 0.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

import django

from benchmarks.loopback import machine
from tests.support.hostile_markdown import HOSTILE, ORDINARY

#: Characters of a piece of a reply that grows.
PIECE = 5


def main() -> int:
    """Always 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, nargs="+", default=[1_541, 10_000, 100_000], help="of each text")
    parser.add_argument("--rounds", type=int, default=3, help="of each text, of which the quickest counts")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()  # boxes with code are written by a template
    print(machine())
    for characters in options.characters:
        show(characters, options.rounds)
        show_growing(2 * characters, options.rounds)
    return 0


def show(characters: int, rounds: int) -> None:
    """A table: ms per kB, the ratio to ordinary text, and what became of the text."""
    from chat.page.bubbles import html_of  # after Django's setup

    print(f"\n{characters:,} characters {'ms/kB':>24}{'ratio':>8}{'HTML':>12}")
    ordinary = 0.0
    for name, text in {"ordinary": ORDINARY, **HOSTILE}.items():
        written = text(characters)
        spent = quickest(lambda: html_of(written), rounds) / characters  # noqa: B023 - called at once
        ordinary = ordinary or spent
        html = html_of(written)
        became = "plain" if html is None else f"{len(html):,}"
        print(f"{name:<32}{spent * 1e6:>8.3f}{spent / ordinary:>8.2f}{became:>12}")


def show_growing(characters: int, rounds: int) -> None:
    """The same for replies that arrive in pieces, without the frames that carry them."""
    for name, text in {
        "growing, ordinary": ORDINARY(characters),
        "growing, one block": "a line\n" * (characters // 7),
        "growing, one line": "a" * characters,
        "growing, items": "- a\n" * (characters // 4),
        "growing, code": "```\n" + "a line\n" * (characters // 7),
    }.items():
        pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        spent = quickest(lambda: grow(pieces), rounds) / characters  # noqa: B023 - called at once
        print(f"{f'{name}, {characters:,}':<32}{spent * 1e6:>8.3f}")


def grow(pieces: Sequence[str]) -> None:
    """Draw each block of a reply when it is whole."""
    from chat.page.growing_reply import GrowingReply  # after Django's setup

    reply = GrowingReply()
    for piece in pieces:
        reply.render(reply.add(piece))


def quickest(function: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        function()
        times.append(time.process_time() - begun)
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
