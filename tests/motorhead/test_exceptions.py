"""The tree of errors, and what an error adds to its answer."""

from __future__ import annotations

import inspect

import pytest

from motorhead import exceptions
from motorhead.exceptions import MethodNotAllowed, MotorheadError, RequestError, TooManyRequests, Unauthorized

ERRORS = [each for _, each in inspect.getmembers(exceptions, inspect.isclass) if issubclass(each, MotorheadError)]


def drawn_parents() -> dict[str, str]:
    """The parent of each error in the drawing at the top of the module."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in (exceptions.__doc__ or "").splitlines():
        indent, branch, rest = line.rpartition("── ")
        if branch or line.strip() == "MotorheadError":
            name = rest.split()[0]
            path = [each for each in path if each[0] < len(indent)]
            if path:
                parents[name] = path[-1][1]
            path.append((len(indent) if branch else -1, name))
    return parents


def test_the_drawing_shows_every_error_below_its_parent() -> None:
    """The tree in the module's docstring is the tree of the classes."""
    assert drawn_parents() == {each.__name__: each.__mro__[1].__name__ for each in ERRORS if each is not MotorheadError}


def test_the_drawing_shows_the_status_of_every_refused_request() -> None:
    """Each kind of refused request is drawn with its HTTP status."""
    drawing = (exceptions.__doc__ or "").splitlines()
    for error in ERRORS:
        if issubclass(error, RequestError) and error is not RequestError:
            assert [line.split()[-1] for line in drawing if f" {error.__name__} " in line] == [str(error.status)]


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (RequestError("Refused."), []),
        (Unauthorized("No token."), [(b"www-authenticate", b"Bearer")]),
        (MethodNotAllowed("PUT", ["GET", "HEAD"]), [(b"allow", b"GET, HEAD")]),
        (TooManyRequests("Wait.", 7), [(b"retry-after", b"7")]),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_an_error_brings_the_headers_of_its_answer(error: RequestError, headers: list[tuple[bytes, bytes]]) -> None:
    """The answer says how to authenticate, which methods are supported, or how long to wait."""
    assert error.headers == headers


@pytest.mark.parametrize(
    ("allowed", "choices"), [(["POST"], "POST"), (["GET", "HEAD"], "GET or HEAD"), (["A", "B", "C"], "A, B or C")]
)
def test_the_supported_methods_are_listed_as_in_a_sentence(allowed: list[str], choices: str) -> None:
    """One method, two or more are named with commas and an "or"."""
    assert str(MethodNotAllowed("PUT", allowed)) == f"PUT is not possible here; use {choices}."
