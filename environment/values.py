"""Functions that turn the text of a variable into its value, or raise `Refused`.

Pure: nothing here reads the environment or the network, and only the standard library is imported.
"""

from __future__ import annotations

import re
from collections.abc import Callable

TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
NAME = re.compile(r"[A-Za-z0-9._:-]{1,100}")
KEY_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,40}")
COOKIE_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Refused(ValueError):
    """The text is not valid. The message says what is wrong and what to write, to follow the variable's name."""


class ForAnother(Refused):
    """The text is meant for another program, which uses the same name. An older name with such a text is ignored."""


def text(written: str) -> str:
    """Any text in UTF-8, including several lines. Errors do not quote it: it may be a secret."""
    try:
        written.encode()
    except UnicodeEncodeError:
        raise Refused("is not UTF-8. Write it in that encoding.") from None
    return written


def words(written: str) -> list[str]:
    """Texts without spaces, separated by spaces."""
    return text(written).split()


def line(written: str) -> str:
    """Printable text on one line."""
    if not written.isprintable():  # also refuses bytes that are not UTF-8
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
    if value is None or not least <= value <= most:  # "not" refuses nan as well
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
            raise Refused(f"is {shortened(written)}. Write {', '.join(words[:-1])} or {words[-1]}.")
        return written

    return chosen


def name(written: str) -> str:
    """A name that is safe in a header and in a log line."""
    if not NAME.fullmatch(written):
        raise Refused(f"is {shortened(written)}. Write 1 to 100 letters, digits, dots, colons, hyphens or underscores.")
    return written


def cookie_prefix(written: str) -> str:
    """What the names of cookies begin with."""
    if not COOKIE_PREFIX.fullmatch(written):
        raise Refused(f"is {shortened(written)}. Write 1 to 40 letters, digits, hyphens or underscores.")
    return written


def key_prefix(written: str) -> str:
    """What the keys in a store begin with. Braces would decide where a Cluster puts them."""
    if not KEY_PREFIX.fullmatch(written):
        raise Refused(f"is {shortened(written)}. Write 1 to 40 letters, digits, dots, colons, hyphens or underscores.")
    return written


def credential(written: str) -> str:
    """A key or token that can be sent in a header. Errors do not quote it."""
    if not (written.isascii() and written.isprintable()) or " " in written:
        raise Refused("contains a character that no key has, such as a space, a line end or an accent. Copy it again.")
    return written


def shortened(written: str) -> str:
    """``written`` in quotes, cut to a length that fits a sentence."""
    return repr(written if len(written) <= 80 else f"{written[:80]}…")
