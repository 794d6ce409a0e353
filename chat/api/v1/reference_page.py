"""The reference of the API as a page: what the two descriptions say, arranged for a template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

from chat.api.v1.errors import ERRORS

#: A schema of a description.
Schema = Mapping[str, Any]

#: The words for types, by the names of JSON Schema.
TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}

_markdown = MarkdownIt("commonmark")


def marked(text: str) -> SafeString:
    """Our own words in Markdown as HTML."""
    return SafeString(_markdown.render(text))


def within_line(text: str) -> SafeString:
    """The same for a piece of a line."""
    return SafeString(_markdown.renderInline(text))


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, a field or an answer: its name, its type, and what it means."""

    name: str
    type: SafeString
    about: SafeString
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema under its name, with its fields; one that is not an object has a ``type`` instead."""

    name: str
    anchor: str
    about: SafeString
    rows: list[Row]
    type: SafeString


@dataclass(frozen=True, slots=True)
class Call:
    """An operation."""

    id: str
    method: str
    path: str
    title: str
    about: SafeString
    parameters: list[Row]
    body: str
    answer: SafeString
    errors: list[int]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of a tag."""

    name: str
    anchor: str
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A code of the API's errors."""

    code: str
    statuses: str
    meaning: SafeString


def groups_of(described: Mapping[str, Any]) -> list[Group]:
    """The operations of a description in OpenAPI, by their tags."""
    groups: dict[str, Group] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            (name,) = operation["tags"]
            group = groups.setdefault(name, Group(name, f"calls-{name.lower().replace(' ', '-')}"))
            group.calls.append(_call(described, method.upper(), path, operation))
    return list(groups.values())


def shapes_of(schemas: Mapping[str, Schema], prefix: str) -> list[Shape]:
    """The schemas of a description. ``prefix`` begins their anchors."""
    return [
        Shape(
            name,
            f"{prefix}{name}",
            marked(schema.get("description", "")),
            list(_rows(schema, prefix)),
            type_of(schema, prefix),
        )
        for name, schema in sorted(schemas.items())
    ]


def mistakes() -> list[Mistake]:
    """All codes of errors."""
    return [
        Mistake(code, " or ".join(map(str, kind.statuses)), within_line(kind.meaning)) for code, kind in ERRORS.items()
    ]


def type_of(schema: Any, prefix: str) -> SafeString:
    """The type of a value in words, with links to the shapes that it contains."""
    if not isinstance(schema, Mapping):
        return SafeString("anything")
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return format_html('<a href="#{}{}">{}</a>', prefix, name, name)
    for kind in ("anyOf", "oneOf"):
        if kind in schema:
            return format_html_join(" or ", "{}", ((type_of(each, prefix),) for each in schema[kind]))
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else []):
        return format_html_join(" or ", "<code>{}</code>", ((json.dumps(value).strip('"'),) for value in values))
    if schema.get("type") == "array":
        return format_html("list of {}", type_of(schema.get("items"), prefix))
    if schema.get("format") == "date-time":
        return SafeString("time")
    return format_html("{}", TYPES.get(schema.get("type", ""), "object"))


def _call(described: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Call:
    errors = [int(status) for status in operation["responses"] if status >= "400"]
    body = operation.get("requestBody")
    schema = body["content"].get("application/json", {}).get("schema") if body else None
    takes = format_html("{}, as JSON", type_of(schema, "shape-")) if schema else "a form with a file" if body else ""
    return Call(
        operation["operationId"],
        method,
        path,
        operation["summary"],
        marked(operation.get("description", "")),
        [_parameter(parameter) for parameter in operation["parameters"]],
        takes,
        _answer(operation["responses"]),
        errors,
        _example(described, method, path, operation, schema),
    )


def _parameter(parameter: Mapping[str, Any]) -> Row:
    place = {"header": " (header)", "query": ""}.get(parameter["in"], "")
    about = within_line(parameter.get("description", ""))
    schema = parameter["schema"]
    if (default := schema.get("default")) not in {None, ""}:
        about = format_html("{} Default: <code>{}</code>.", about, default)
    kind = format_html("{}{}", type_of(schema, "shape-"), place)
    return Row(parameter["name"], kind, about, parameter["required"])


def _answer(responses: Mapping[str, Any]) -> SafeString:
    """What a call answers when all is well."""
    ((status, answer),) = ((status, answer) for status, answer in responses.items() if status < "400")
    kinds = answer.get("content", {})
    shown = [type_of(content["schema"], "shape-") for content in kinds.values() if "$ref" in content["schema"]]
    what = shown[0] if shown else format_html("{}", ", ".join(kinds) or "nothing")
    return format_html("{} {}: {}", status, HTTPStatus(int(status)).phrase, what)


def _example(
    described: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any], body: Schema | None
) -> str:
    """The call as a command."""
    address = path.format(session_id="trip", message_id="12", turn_id="t1", share_id="a1b2c3d4e5f6a7b8")
    if any(parameter["name"] == "q" and parameter["required"] for parameter in operation["parameters"]):
        address += "?q=rome"
    parts = [f"curl{'' if method == 'GET' else f' -X {method}'}"]
    if operation.get("security", described["security"]) != [] and operation["operationId"] != "end_visit":
        parts.append('-H "Authorization: Bearer $TOKEN"')
    else:
        parts.append("-H 'Origin: https://app.example.org'")
    if operation["operationId"] == "replace_summary":
        parts.append("-H 'If-Match: *'")
    if "requestBody" in operation and body is None:
        parts.append("-F file=@export.json")
    if body is not None:
        shape = next(part for part in (body, *body.get("anyOf", ())) if "$ref" in part)  # anyOf: it can be left out
        example = described["components"]["schemas"][shape["$ref"].rpartition("/")[2]]["examples"][0]
        parts += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(example, ensure_ascii=False)}'"]
    return " ".join([*parts, f"$SITE{described['servers'][0]['url']}{address}"])


def _rows(schema: Schema, prefix: str) -> Iterator[Row]:
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        yield Row(name, type_of(inner, prefix), within_line(inner.get("description", "")), name in required)
