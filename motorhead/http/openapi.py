"""The protocol as an OpenAPI 3.1 description, made from the same shapes that the server encodes and decodes."""

from __future__ import annotations

from typing import Any

import msgspec

from motorhead.messages import (
    FoldedRange,
    History,
    MemoryAnswer,
    Message,
    NewMessage,
    PostMemory,
    Query,
    Recalled,
    SessionDetails,
    Version,
    Window,
)
from motorhead.sessions.versions import Spent

Schema = dict[str, Any]

STRUCTS = (
    FoldedRange, History, MemoryAnswer, Message, NewMessage, PostMemory, Query, Recalled, SessionDetails, Spent,
    Version, Window,
)  # fmt: skip

#: A message's or version's number.
NUMBER = "^[0-9]{1,15}$"

ERRORS = {
    400: "The request is malformed; the sentence says how.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such thing.",
    408: "The request did not arrive in time.",
    409: "The request contradicts what the session holds.",
    412: "The session was deleted since it was loaded.",
    413: "The body, a message or the context is too large.",
    429: "The session takes no more appends for now; Retry-After says when.",
    503: "Redis or the model fails, or too many folds are under way; Retry-After says when to try again.",
}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema) -> Schema:
    """A list of ``items``."""
    return {"type": "array", "items": items}


def describe() -> Schema:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Motörhead memory server",
            "version": "1",
            "description": "Remembers sessions: a window of messages and a running summary of what has left it.",
        },
        "components": {"schemas": _schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
        "paths": _paths(),
    }


def _schemas() -> Schema:
    _, components = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    for name in ("MemoryAnswer", "History"):  # their messages are passed through as they are stored
        components[name]["properties"]["messages"] = array(ref("Message"))
    return {**components, "Done": _object(status={"const": "Ok"}), "Error": _object(error={"type": "string"})}


def _paths() -> Schema:
    health = _object(status={"type": "string"})
    return {
        "/": {"get": _call("The time, in ms since 1970.", _object(now={"type": "integer"}), [])},
        "/healthz": {"get": _call("The process answers.", health, [])},
        "/readyz": {"get": _call("Redis answers, too.", health, [503])},
        "/metrics": {"get": _call("Counters for Prometheus.", None, [])},
        "/openapi.json": {"get": _call("This description.", {"type": "object"}, [])},
        "/namespaces": {"get": _call("Namespaces that hold sessions.", array({"type": "string"}), [])},
        "/sessions": {"get": _listing()},
        **{f"/sessions/{{id}}/{path}": _session(calls) for path, calls in _session_calls().items()},
    }


def _listing() -> Schema:
    answer = {"anyOf": [array({"type": "string"}), array(ref("SessionDetails"))]}
    page = {"type": "integer", "minimum": 1, "maximum": 10**12, "default": 1}
    parameters = [
        _query("page", "From 1.", page),
        _query("size", "Ids a page.", _whole(1000, 10)),
        _namespace(),
        _query("details", "Objects instead of ids.", {"type": "boolean", "default": False}),
        _query("order", "By last activity.", {"enum": ["oldest", "newest"], "default": "oldest"}),
    ]
    return _call("Sessions of a namespace.", answer, [400], parameters)


def _session_calls() -> dict[str, Schema]:
    """The calls of each path below a session."""
    before = _query("before", "Go on from this id.", {"type": "string", "pattern": NUMBER})
    page = [before, _query("limit", "How many at most.", _whole(200, 50))]
    memory, recalled = ref("MemoryAnswer"), array(ref("Recalled"))
    summaries = _object(summaries=array(ref("Version")), spent=ref("Spent"))
    return {
        "memory": _memory_calls(),
        "messages": {"get": _call("Everything ever said, newest first.", ref("History"), [400], page)},
        "summaries": {"get": _call("Versions of the summary, newest first.", summaries, [400], page)},
        "summaries/{version}/restore": {
            "post": _call("Make a version the summary again.", memory, [400, 404, 409], [_version()])
        },
        "fold": {"post": _call("Fold now.", memory, [400, 409])},
        "retrieval": {"post": _call("The messages nearest to a text.", recalled, [400, 413], body="Query")},
    }


def _memory_calls() -> Schema:
    window, known = "The window, newest first, and the summary.", [_header("If-None-Match")]
    append = "Append messages, oldest first, and set the context."
    once = [_namespace(), _header("Idempotency-Key"), _header("Session-Epoch")]
    return {
        "get": _call(window, ref("MemoryAnswer"), [400], known, unchanged=True),
        "post": _call(append, ref("Done"), [400, 409, 412, 413, 429], once, body="PostMemory"),
        "delete": _call("Remove everything of the session.", ref("Done"), [400], [_namespace()]),
    }


def _version() -> Schema:
    return {
        "name": "version", "in": "path", "required": True, "description": "A version of the summary.",
        "schema": {"type": "string", "pattern": NUMBER},
    }  # fmt: skip


def _namespace() -> Schema:
    return _query("namespace", "A group of sessions that are listed together.", {"type": "string"})


def _object(**properties: Schema) -> Schema:
    """An object that has all these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _session(calls: Schema) -> Schema:
    """The calls of a session's path."""
    session = {
        "name": "id", "in": "path", "required": True, "description": "Any text of up to 1,024 bytes.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    }  # fmt: skip
    return {"parameters": [session], **calls}


def _call(
    summary: str,
    answer: Schema | None,
    errors: list[int],
    parameters: list[Schema] | None = None,
    *,
    body: str | None = None,
    unchanged: bool = False,
) -> Schema:
    """One operation: what it answers (None: text) and with which errors."""
    content = {"text/plain": {"schema": {"type": "string"}}} if answer is None else _json(answer)
    responses: Schema = {"200": {"description": summary, "content": content}}
    if unchanged:
        responses["304"] = {"description": "The client has this memory already."}
    for status in sorted({*errors, 401, 408, 503}):
        responses[str(status)] = {"description": ERRORS[status], "content": _json(ref("Error"))}
    call: Schema = {"summary": summary, "responses": responses}
    if parameters:
        call["parameters"] = parameters
    if body:
        call["requestBody"] = {"required": True, "content": _json(ref(body))}
    return call


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _header(name: str) -> Schema:
    schema = {"type": "string", "pattern": "^[!-~]{1,200}$"}
    return {"name": name, "in": "header", "description": "See the protocol's document.", "schema": schema}


def _whole(most: int, default: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}
