"""The AsyncAPI description of AG-UI on the websocket."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from chat.api.ag_ui.description import describe
from chat.api.ag_ui.events import Event, encode
from chat.api.ag_ui.inputs import decode
from chat.domain.exceptions import InvalidFrame
from tests.chat.api.ag_ui.test_events import OTHERS, turns
from tests.support.servers import REPOSITORY

DESCRIBED = describe()


def validator(name: str) -> Any:
    """A validator for the description's schema ``name``."""
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": DESCRIBED["components"]})


def test_the_copy_in_the_documents_is_up_to_date():
    """After a change: python -m scripts.describe_api."""
    assert json.loads((REPOSITORY / "docs" / "ag-ui.asyncapi.json").read_text()) == DESCRIBED


@pytest.mark.parametrize("event", [*turns(), *OTHERS], ids=lambda event: type(event).__name__)
def test_every_event_is_described(event: Event):
    """As it is sent, alone and with its offset."""
    sent = json.loads(encode(event))
    validator(type(event).__name__).validate(sent)
    validator("Numbered").validate({"id": "s.1.0.0", "chunk": sent})


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("RunAgentInput", {"threadId": "s", "runId": "r"}),
        ("RunAgentInput", {"threadId": "s", "runId": "", "messages": []}),
        ("RunAgentInput", {"threadId": 7, "runId": "r", "messages": []}),
        ("Abort", {"type": "abort"}),
        ("Abort", {"type": "abort", "runId": "r" * 129}),
    ],
)
def test_what_the_code_refuses_the_description_refuses(name: str, frame: dict[str, Any]):
    """A frame that cannot be understood is not described either."""
    assert not validator(name).is_valid(frame)
    with pytest.raises(InvalidFrame):
        decode(json.dumps(frame))


def test_what_is_described_the_code_takes():
    """A run, with whatever properties, and its end."""
    for name, frame in (
        ("RunAgentInput", {"threadId": "s", "runId": "r", "messages": [{"role": "user"}], "forwardedProps": [7]}),
        ("RunAgentInput", {"threadId": "s", "runId": "r", "messages": [], "forwardedProps": {"watch": "memory"}}),
        ("Abort", {"type": "abort", "runId": "r"}),
    ):
        validator(name).validate(frame)
        assert decode(json.dumps(frame))


def test_every_reference_leads_somewhere():
    """Messages, schemas and the channel."""

    def resolve(reference: str) -> Any:
        found: Any = DESCRIBED
        for key in reference.removeprefix("#/").split("/"):
            found = found[key]
        return found

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                assert resolve(part["$ref"])
            part = list(part.values())
        for inner in part if isinstance(part, list) else []:
            look(inner)

    look(DESCRIBED)
