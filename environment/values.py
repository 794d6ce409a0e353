"""What the text of a variable means: each function turns it into the value, or raises Refused.

Pure: nothing here reads the environment or asks anybody, and nothing but the standard library is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
NAME = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class Refused(ValueError):
    """The text cannot be used; ``str()`` of it says what is wrong and what to write, and lacks the variable's name."""


def text(written: str) -> str:
    """Any text in UTF-8, of several lines too. Never quoted: a secret may be one."""
    try:
        written.encode()
    except UnicodeEncodeError:
        raise Refused("is not UTF-8. Write it again in that encoding.") from None
    return written


def line(written: str) -> str:
    """Printable text on one line."""
    if not written.isprintable():  # bytes that are not UTF-8 among them
        raise Refused(f"is {shortened(written)}. Write printable characters on one line, in UTF-8.")
    return written


def number(least: float, most: float) -> Callable[[str], float]:
    """A number from ``least`` to ``most``."""
    return lambda written: _bounded(float, "a number", written, least, most)


def integer(least: int, most: int) -> Callable[[str], int]:
    """A whole number from ``least`` to ``most``."""
    return lambda written: int(_bounded(int, "a whole number", written, least, most))


def _bounded(kind: Callable[[str], float], what: str, written: str, least: float, most: float) -> float:
    try:
        value = kind(written)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:  # "not": nan is neither
        raise Refused(f"is {shortened(written)}. Write {what} from {least:.15g} to {most:.15g}.")
    return value


def switch(written: str) -> bool:
    """True or false."""
    if written.lower() not in TRUE | FALSE:
        raise Refused(f"is {shortened(written)}. Write true or false.")
    return written.lower() in TRUE


def choice(*words: str) -> Callable[[str], str]:
    """One of ``words``."""

    def chosen(written: str) -> str:
        if written not in words:
            raise Refused(f"is {shortened(written)}. Write {' or '.join(words)}.")
        return written

    return chosen


def name(written: str) -> str:
    """A name that can stand in a header and in a log line."""
    if not NAME.fullmatch(written):
        raise Refused(f"is {shortened(written)}. Write 1 to 100 letters, digits, dots, colons, hyphens or underscores.")
    return written


def credential(written: str) -> str:
    """A key or token as a header carries it. Never quoted."""
    if not (written.isascii() and written.isprintable()) or " " in written:
        raise Refused("holds a character that no key has: a space, a line end, a letter with an accent. Copy it again.")
    return written


def shortened(written: str) -> str:
    """``written`` in quotes, short enough for a sentence."""
    return repr(written if len(written) <= 80 else f"{written[:80]}…")
