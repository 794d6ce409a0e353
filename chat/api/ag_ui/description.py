"""The AsyncAPI description of AG-UI on the websocket, made from the code. No I/O."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from chat.api.ag_ui.events import SUBPROTOCOL, Event
from chat.api.ag_ui.inputs import Abort, ForwardedProps

ABOUT = f"""\
Sessions over a websocket, in the frames of AG-UI 1.0, subprotocol {SUBPROTOCOL}. Every frame is text with one JSON \
object. A field without a value is absent, never null. Unknown fields from a client are ignored. docs/ag-ui.md \
describes how to use it, and the close codes. `POST /api/ag-ui` answers a RunAgentInput with the same events, as \
server-sent events.
"""
#: Where a schema is in the description.
SCHEMA = "#/components/schemas/{name}"
TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1, "maxLength": 128}

#: By name in the address.
PARAMETERS = {
    "runId": "Asks for events with offsets: {id, chunk}.",
    "offset": "Goes on behind this event of the run runId; -1 means its start. The socket takes no frames then.",
    "threadId": "The session of an offset that does not name one.",
    "ticket": "Opens one connection within a minute; the other credentials are those of the HTTP API.",
}


def describe() -> dict[str, Any]:
    """The description."""
    sent, taken = [kind.__name__ for kind in get_args(Event)] + ["Numbered"], ["RunAgentInput", "Abort"]
    parameters = {name: TEXT | {"description": about} for name, about in PARAMETERS.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Motörhead Chat: AG-UI", "version": "1.0.0", "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            "chat": {
                "address": "/ws/v1/chat",
                "messages": {name: _reference("messages", name) for name in [*taken, *sent]},
                "bindings": {"ws": {"query": {"type": "object", "properties": parameters}}},
            }
        },
        "operations": {"takeRuns": _operation("receive", taken), "sendEvents": _operation("send", sent)},
        "components": {
            "messages": {name: {"payload": _reference("schemas", name)} for name in [*taken, *sent]},
            "schemas": _schemas(),
        },
    }


def _operation(action: str, names: list[str]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/chat/messages/{name}"} for name in names]
    return {"action": action, "channel": {"$ref": "#/channels/chat"}, "messages": messages}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _schemas() -> dict[str, Any]:
    """Those of the code's structs, and those of what the code reads only in part."""
    _, schemas = msgspec.json.schema_components([*get_args(Event), Abort, ForwardedProps], ref_template=SCHEMA)
    for schema in schemas.values():
        schema["description"] = " ".join(schema.get("description", "").split()).replace("``", "`")
        for name, inner in schema["properties"].items():
            schema["properties"][name] = _present(inner)
    message = {"type": "object", "properties": {"role": TEXT, "id": TEXT}, "required": ["role"]}
    chunk = {"oneOf": [_reference("schemas", kind.__name__) for kind in get_args(Event)]}
    return {
        "RunAgentInput": {
            "type": "object",
            "description": "A run in the session threadId. Of the messages only the last one of the user is read.",
            "properties": {
                "threadId": TEXT,
                "runId": NAME,
                "messages": {"type": "array", "items": message},
                "forwardedProps": {"anyOf": [_reference("schemas", "ForwardedProps"), True]},
            },
            "required": ["threadId", "runId", "messages"],
        },
        "Numbered": {
            "type": "object",
            "description": "An event with its offset, on an address with runId.",
            "properties": {"id": TEXT, "chunk": chunk},
            "required": ["id", "chunk"],
        },
        **schemas,
    }


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field that is absent rather than null."""
    others = [other for other in schema.get("anyOf", []) if other != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name not in {"anyOf", "default"}}
    return kept | (others[0] if len(others) == 1 else {"anyOf": others} if others else {})
