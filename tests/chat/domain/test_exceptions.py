"""The tree of errors in the docstring of its module."""

from __future__ import annotations

import inspect

from chat.domain import exceptions
from chat.domain.exceptions import ChatError

ERRORS = [each for _, each in inspect.getmembers(exceptions, inspect.isclass) if issubclass(each, ChatError)]


def drawn() -> dict[str, str]:
    """Each error in the drawing, and its parent."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (exceptions.__doc__ or "").splitlines():
        branch, _, rest = line.rpartition("── ")
        name = rest.split()[0] if rest.split() else ""
        if not (branch or name == "ChatError"):
            continue
        depth = len(branch)
        above = [each for each in above if each[0] < depth]
        if above:
            parents[name] = above[-1][1]
        above.append((depth, name))
    return parents


def test_the_drawing_shows_every_error_in_its_place() -> None:
    """The drawing shows every error below its base class."""
    assert drawn() == {each.__name__: each.__mro__[1].__name__ for each in ERRORS if each is not ChatError}


def test_no_two_errors_have_the_same_code() -> None:
    """Only an error and its subclass share a code, if clients need not tell them apart."""
    own = [each.code for each in ERRORS if "code" in vars(each)]
    assert len(own) == len(set(own))
