"""A web worker that, on SIGUSR1, reports whether a word is still in its memory.

    python -m tests.system.inspected_worker REPORT WORD-BACKWARDS DAPHNE-ARGUMENT …

It searches all objects that can be reached from those known to the garbage collector, including frames of suspended
coroutines. The file REPORT gets one line for each text that contains the word, with its referrers. The word is passed
backwards, so that the search does not find itself.
"""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from daphne.cli import CommandLineInterface


def reachable() -> Iterator[object]:
    """Every object known to the collector, and everything they refer to."""
    gc.collect()
    gc.unfreeze()
    seen: set[int] = set()
    waiting = gc.get_objects()
    while waiting:
        found = waiting.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting.extend(gc.get_referents(found))


def holders(text: object) -> list[str]:
    """The referrers of ``text``: the names of coroutines and generators, the types of other objects."""
    referrers = [each for each in gc.get_referrers(text) if not isinstance(each, (list, type(sys._getframe())))]
    return [f"{type(each).__name__} {getattr(each, '__qualname__', '')}".strip() for each in referrers]


def text_of(found: object) -> str:
    """The object as text, if it is text or bytes."""
    match found:
        case str():
            return found
        case bytes() | bytearray():
            return found.decode("utf-8", "replace")
        case memoryview():
            return bytes(found).decode("utf-8", "replace")
        case _:
            return ""


def report(path: Path, backwards: str) -> None:
    """Write the report."""
    found = [each for each in reachable() if backwards in text_of(each)[::-1]]
    lines = "".join(f"{text_of(each)[:200]!r} held by {holders(each)}\n" for each in found)
    finished = path.with_suffix(".new")
    finished.write_text(lines)
    finished.rename(path)


if __name__ == "__main__":
    target, word = Path(sys.argv[1]), sys.argv[2]
    signal.signal(signal.SIGUSR1, lambda *_: report(target, word))
    CommandLineInterface().run(sys.argv[3:])
