"""The OpenAPI 3.1 description of the protocol, generated from the routes and from the types of bodies."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args

import msgspec

from motorhead.http.parameters import KNOWN, Parameter, Schema
from motorhead.http.routes import ROUTES, Route
from motorhead.messages import Error, History, MemoryAnswer, Message

ERRORS = {
    400: "The request is malformed; the sentence says how.",
    401: "The bearer token is missing or wrong.",
    403: "The Host is not allowed without a token, or a page of another origin sent the request.",
    404: "It does not exist.",
    408: "The request did not arrive in time.",
    409: "The request conflicts with the present state of the session.",
    412: "The session, its summary or a message is not as it was loaded; ``code`` says which.",
    413: "The body, a message or the context is too large.",
    429: "The session has had too many appends; Retry-After says when to try again.",
    503: "Redis or the model is failing, or too many folds are under way; Retry-After says when to try again.",
}
#: The error statuses of every call.
ALWAYS = {408, 503}
#: Those of every call that not every request may make.
GUARDED = {400, 401, 403}
#: Answers whose messages are passed through as stored.
PASSED_THROUGH = (MemoryAnswer, History)


def describe() -> Schema:
    """The complete description."""
    shapes = _Shapes()
    paths: Schema = {}
    for route in ROUTES:
        calls = paths.setdefault(route.path, _path(route))
        calls[route.method.lower()] = _call(route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Motörhead memory server",
            "version": "1",
            "description": (
                "Remembers sessions: a window of messages and a running summary of what has left it. "
                "A prefix /v1, /motorhead or /v1/motorhead of a path is ignored: the hosted service had it. "
                "Its header X-Metal-Api-Key may carry the token."
            ),
        },
        "components": {
            "schemas": shapes.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
        "paths": paths,
    }


class _Shapes:
    """The schemas of all bodies, read and written; ``components``: the named ones."""

    def __init__(self) -> None:
        types = {part for route in ROUTES for shape in (route.answer, route.body) for part in _parts(shape)}
        wanted = [*sorted(types, key=repr), Message, Error]
        schemas, self.components = msgspec.json.schema_components(wanted, ref_template="#/components/schemas/{name}")
        self._of = dict(zip(wanted, schemas, strict=True))
        for answer in PASSED_THROUGH:
            messages = {"type": "array", "items": self._of[Message]}
            self.components[answer.__name__]["properties"]["messages"] = messages

    def content(self, shape: Any) -> Schema:
        """The content of a body of ``shape``."""
        found = [self._of[part] for part in _parts(shape)]
        kind = "text/plain" if shape is str else "application/json"
        return {kind: {"schema": found[0] if len(found) == 1 else {"anyOf": found}}}


def _parts(shape: Any) -> tuple[Any, ...]:
    """The members of ``shape`` if it is a union: msgspec cannot describe a union of two lists."""
    if shape is None:
        return ()
    return get_args(shape) if isinstance(shape, UnionType) else (shape,)


def _path(route: Route) -> Schema:
    """The parts that all calls of a path share."""
    parameters = [_parameter(parameter) for parameter in route.in_path]
    return {"parameters": parameters} if parameters else {}


def _call(route: Route, shapes: _Shapes) -> Schema:
    responses: Schema = {"200": {"description": route.summary, "content": shapes.content(route.answer)}}
    if KNOWN in route.parameters:
        responses["304"] = {"description": "The client has this memory already."}
    for status in _errors(route):
        responses[str(status)] = {"description": ERRORS[status], "content": shapes.content(Error)}
    call: Schema = {"summary": route.summary, "responses": responses}
    if route.parameters:
        call["parameters"] = [_parameter(parameter) for parameter in route.parameters]
    if route.body:
        call["requestBody"] = {"required": route.body_required, "content": shapes.content(route.body)}
    return call


def _errors(route: Route) -> list[int]:
    """The error statuses of a call: its own, those of every call or every guarded one, and that of its body."""
    return sorted({*route.errors, *ALWAYS, *(GUARDED if route.guarded else ()), *({413} if route.body else ())})


def _parameter(parameter: Parameter[Any]) -> Schema:
    described = {
        "name": parameter.name, "in": parameter.place, "description": parameter.description, "schema": parameter.schema,
    }  # fmt: skip
    return {**described, "required": True} if parameter.place == "path" else described
