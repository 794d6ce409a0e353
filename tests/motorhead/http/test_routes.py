"""The table of routes, and how paths are matched to it."""

from __future__ import annotations

import re

import pytest

from motorhead.http.openapi import describe
from motorhead.http.routes import OPEN, ROUTES, Route, split

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


@each_route
def test_a_path_is_split_into_its_pattern_and_its_names(route: Route) -> None:
    """Any variable part is matched by the pattern of its route, and is left undecoded."""
    given = [b"%2Fa%20b", b"7"][: len(route.in_path)]
    names = iter(given)
    path = re.sub(rb"{\w+}", lambda _: next(names), route.path.encode())
    assert split(path) == (route.pattern, given)


@each_route
@pytest.mark.parametrize("prefix", [b"/motorhead", b"/v1/motorhead", b"/v1"])
def test_the_prefixes_of_the_hosted_service_are_ignored(route: Route, prefix: bytes) -> None:
    """A path behind one of them has the same pattern and names as the path alone."""
    path = re.sub(r"{\w+}", "some%20id", route.path).encode()
    assert split(prefix + path) == split(path)


@each_route
def test_a_route_is_described_as_the_table_has_it(route: Route) -> None:
    """The description has the route's summary, parameters and errors."""
    path = describe()["paths"][route.path]
    call = path[route.method.lower()]
    assert call["summary"] == route.summary
    described = [*path.get("parameters", []), *call.get("parameters", [])]
    assert [(one["in"], one["name"]) for one in described] == [
        (one.place, one.name) for one in (*route.in_path, *route.parameters)
    ]
    assert {str(status) for status in route.errors} <= call["responses"].keys()
    assert ("requestBody" in call) == (route.body is not None)


def test_no_call_is_there_twice() -> None:
    """Each method of a path has exactly one route."""
    calls = [(route.method, route.pattern) for route in ROUTES]
    assert len(set(calls)) == len(calls)


def test_monitoring_needs_no_token() -> None:
    """The three calls that reveal nothing about sessions are answered without a token."""
    assert sorted(OPEN) == [b"/", b"/healthz", b"/readyz"]


@pytest.mark.parametrize(
    "path",
    ["/sessions/a/memory/", "/sessions//memory", "/sessions/", "/x/a/memory", "*", "/motorheadsessions/a/memory",
     "/motorhead/motorhead/sessions/a/memory", "/motorhead/v1/sessions/a/memory", "/v2/sessions/a/memory"],
)  # fmt: skip
def test_other_paths_are_of_no_route(path: str) -> None:
    """A path with a missing or additional part matches no route; an empty part is an empty name."""
    pattern, names = split(path.encode())
    assert pattern not in {route.pattern for route in ROUTES} or b"" in names
