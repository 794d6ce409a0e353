"""The description agrees with the code, and its copy with both."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat.api.v1.description import describe, operations
from chat.api.v1.errors import ERRORS
from tests.support.servers import REPOSITORY

DESCRIBED = describe()
#: Addresses below /api/v1/ that are documents, or say only that there is nothing.
NOT_CALLS = {"openapi.json", "asyncapi.yaml", ""}


def routed_calls() -> Iterator[tuple[str, str]]:
    """Method and path of every call that the site routes."""
    for path, pattern in _patterns(get_resolver().url_patterns, ""):
        if path.startswith("api/v1/") and (path := path.removeprefix("api/v1/")) not in NOT_CALLS:
            (view,) = inspect.getclosurevars(pattern.callback).nonlocals.values()  # ninja's view of all methods
            for operation in view.operations:
                yield from ((method, "/" + re.sub(r"<(\w+)>", r"{\1}", path)) for method in operation.methods)


def _patterns(patterns: list[Any], before: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, path)
        else:
            yield path, pattern


def test_every_call_is_described_and_nothing_else():
    """By method and path."""
    described = {(method.upper(), path) for path, found in DESCRIBED["paths"].items() for method in found}
    assert described == set(routed_calls())


def test_the_copy_in_the_documents_is_that_of_the_code():
    """After a change: python -m scripts.describe_api."""
    copy = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())
    assert copy == json.loads(json.dumps(DESCRIBED))


def test_the_description_is_valid():
    """Every schema is one, and every reference leads somewhere."""
    for schema in DESCRIBED["components"]["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": DESCRIBED["components"]})
    text = json.dumps(DESCRIBED)
    for kind, name in re.findall(r'"#/components/(\w+)/(\w+)"', text):
        assert name in DESCRIBED["components"][kind]


def test_every_operation_has_its_words():
    """A name of its own, a title, and a sentence for each parameter."""
    found = list(operations(DESCRIBED))
    assert len({operation["operationId"] for operation in found}) == len(found)
    for operation in found:
        assert not operation["summary"].endswith(".")
        assert operation["tags"]
        for parameter in operation["parameters"]:
            assert parameter.get("description") or parameter["name"] == "limit", operation["operationId"]


def test_every_error_is_described():
    """Under its status, with its code."""
    for code, kind in ERRORS.items():
        for status in kind.statuses:
            assert f"`{code}`" in DESCRIBED["components"]["responses"][str(status)]["description"]
    assert DESCRIBED["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == list(ERRORS)


@pytest.mark.parametrize(
    "name", [name for name, schema in DESCRIBED["components"]["schemas"].items() if "examples" in schema]
)
def test_an_example_is_valid(name: str):
    """It fits the schema that it illustrates."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DESCRIBED["components"]}
    for example in DESCRIBED["components"]["schemas"][name]["examples"]:
        jsonschema_rs.validator_for(schema).validate(example)
