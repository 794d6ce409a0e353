"""chat/api/asyncapi.yaml agrees with the code: the same frames, fields and limits."""

from __future__ import annotations

import json
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest
import yaml

from chat.api.ai_sdk import chunks, frames
from chat.api.ai_sdk.chunks import AnswerFrames
from chat.api.ai_sdk.codec import ANSWER_RESTARTED, TRY_AGAIN_LATER
from chat.api.ai_sdk.frames import End, NoActive, Start, encode, failure
from chat.api.consumer import MAX_REQUESTS, MAX_WATCHES
from chat.domain.events import (
    MemoryLoaded,
    ReasoningDelta,
    ReasoningEnded,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat.domain.exceptions import InvalidFrame, TooManySockets, TurnInProgress
from chat.domain.messages import FoldState, Memory, Message, Window
from chat.sockets.consumer import UNREAD
from chat.sockets.frame_limit import FRAMES_A_MINUTE, REFUSED_FRAMES
from tests.ai_sdk.node import HERE
from tests.support.node import install
from tests.support.servers import REPOSITORY

DOCUMENT = yaml.safe_load((REPOSITORY / "chat" / "api" / "asyncapi.yaml").read_text())
CHANNEL = DOCUMENT["channels"]["chat"]
SCHEMAS = DOCUMENT["components"]["schemas"]

SENT_BY_CLIENTS = [*get_args(frames.ClientFrame), frames.Body, frames.ResumeBody]
CHUNKS = list(get_args(chunks.AnswerChunk))
WITHIN_CHUNKS = [
    chunks.AnswerMetadata,
    chunks.ServedBy,
    chunks.MemoryState,
    chunks.Remembrance,
    chunks.WatchedMemory,
    chunks.Question,
]
SENT_BY_THE_SERVER = [*get_args(frames.ServerFrame), *CHUNKS, *WITHIN_CHUNKS]

TURN = [
    TurnStarted("t", "hi", "web.1", 1),
    MemoryLoaded("a summary", 2, 1, ("a line",)),
    ReasoningDelta("Hm"),
    ReasoningEnded(1.5),
    TextDelta("Hel"),
    TextDelta("lo"),
]
FRAMES = [
    Start("r"),
    End("r"),
    NoActive("r"),
    failure("", InvalidFrame("binary")),
    failure("r", TurnInProgress("t")),
]


def validator(name: str) -> Any:
    """A validator for the document's schema ``name``."""
    return jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})


def tag_of(struct: type[msgspec.Struct]) -> str | None:
    tag = struct.__struct_config__.tag
    assert tag is None or isinstance(tag, str)
    return tag


@pytest.mark.parametrize("struct", [*SENT_BY_CLIENTS, *SENT_BY_THE_SERVER], ids=lambda struct: struct.__name__)
def test_every_struct_has_its_schema(struct: type[msgspec.Struct]):
    """A struct and its schema have the same type, the same fields, and the same required fields."""
    schema = SCHEMAS[struct.__name__]
    fields = msgspec.structs.fields(struct)
    tag = {"type"} if tag_of(struct) else set()
    assert set(schema["properties"]) == {field.encode_name for field in fields} | tag
    assert schema["properties"].get("type", {}).get("const") == tag_of(struct)
    leaves_defaults_out = struct in SENT_BY_CLIENTS or struct.__struct_config__.omit_defaults
    needed = {field.encode_name for field in fields if field.required or not leaves_defaults_out}
    assert set(schema.get("required", [])) == needed | tag


def test_the_channel_names_every_frame_and_no_other():
    """The messages of the channel and of its two operations are the frames of the code."""
    taken = {tag_of(struct) for struct in get_args(frames.ClientFrame)}
    sent = {tag_of(struct) for struct in get_args(frames.ServerFrame)}
    assert set(CHANNEL["messages"]) == set(DOCUMENT["components"]["messages"]) == taken | sent
    for operation, kinds in (("takeRequests", taken), ("sendAnswers", sent)):
        references = DOCUMENT["operations"][operation]["messages"]
        assert {reference["$ref"].rpartition("/")[2] for reference in references} == kinds


def test_each_message_leads_to_the_schema_of_its_type():
    """The payload of a message is the schema whose type is the message's name."""
    for name, message in DOCUMENT["components"]["messages"].items():
        assert resolve(message["payload"]["$ref"])["properties"]["type"]["const"] == name


def test_the_chunks_are_those_of_the_code():
    """AnswerChunk lists exactly the chunks that an answer can have."""
    named = [reference["$ref"].rpartition("/")[2] for reference in SCHEMAS["AnswerChunk"]["oneOf"]]
    assert sorted(named) == sorted(struct.__name__ for struct in CHUNKS)


def resolve(reference: str) -> Any:
    """The part of the document that a local reference points to."""
    found = DOCUMENT
    for key in reference.removeprefix("#/").split("/"):
        found = found[key]
    return found


@pytest.mark.node
def test_the_document_is_valid():
    """As AsyncAPI's own schema for the version that the document names has it, an npm package."""
    install(HERE)
    schema = HERE / "node_modules" / "@asyncapi" / "specs" / "schemas" / f"{DOCUMENT['asyncapi']}.json"
    jsonschema_rs.validator_for(json.loads(schema.read_text())).validate(DOCUMENT)


def test_every_reference_leads_somewhere():
    """Every reference in the document can be resolved."""

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                assert resolve(part["$ref"])
            part = list(part.values())
        if isinstance(part, list):
            for inner in part:
                look(inner)

    look(DOCUMENT)


@pytest.mark.parametrize(
    "ending",
    [
        TurnFinished("Hello"),
        TurnFinished("Hello", cut="length"),
        TurnFinished("Hello", cut="content_filter"),
        TurnStopped("Hello"),
        TurnFinished("Hello", remembered=False, reason="Memory is unreachable."),
        TurnFailed("model_stalled", "It broke off.", True, "Hello"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_chunk_that_is_sent_is_described(ending: Any):
    """The chunks of whole turns, as sent over the wire, match the document."""
    answer, schema = AnswerFrames("r", resumed=True), validator("Chunk")
    for event in [*TURN, ending]:
        for frame in answer.frames(event):
            schema.validate(json.loads(encode(frame)))


def test_a_watched_memory_is_described():
    """Its chunks match the document, too."""
    memory = Memory((Message("Human", "hi"),), "a summary", 0, Window(12, folded=3, fold=FoldState.PENDING))
    frame = frames.Chunk("r", 0, chunks.watched_memory(memory))
    validator("Chunk").validate(json.loads(encode(frame)))


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: type(frame).__name__)
def test_every_other_frame_that_is_sent_is_described(frame: Any):
    """All other frames, as sent over the wire, match the document."""
    validator(type(frame).__name__).validate(json.loads(encode(frame)))


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("Send", {"type": "send", "requestId": "r", "id": "s"}),
        ("Send", {"type": "send", "requestId": "r", "id": "s", "messages": [], "trigger": "x"}),
        ("Resume", {"type": "resume", "requestId": "", "id": "s"}),
        ("Resume", {"type": "resume", "requestId": "r", "id": "s", "lastSequence": -1}),
        ("Resume", {"type": "resume", "requestId": "r", "id": "s", "body": {"watch": "the birds"}}),
        ("Abort", {"type": "abort"}),
    ],
)
def test_what_the_code_refuses_the_document_refuses(name: str, frame: dict[str, Any]):
    """A frame that the code refuses does not match the document either."""
    assert not validator(name).is_valid(frame)
    with pytest.raises(InvalidFrame):
        frames.decode(json.dumps(frame))


def test_what_the_document_allows_the_code_takes():
    """A send that matches the document is accepted."""
    message = {"id": "m", "role": "user", "parts": [{"type": "text", "text": "hi"}]}
    frame = {"type": "send", "requestId": "r", "id": "s", "messages": [message], "body": {"idempotencyKey": "k"}}
    validator("Send").validate(frame)
    decoded = frames.decode(json.dumps(frame))
    assert isinstance(decoded, frames.Send)
    assert frames.last_user_message(decoded.messages).text == "hi"


@pytest.mark.parametrize("guide", ["chat/api/asyncapi.yaml", "docs/websocket-api.md"])
def test_the_numbers_in_the_documents_are_those_of_the_code(guide: str):
    """Close codes and limits in the documents are those of the code."""
    text = (REPOSITORY / guide).read_text()
    for code in (ANSWER_RESTARTED, TRY_AGAIN_LATER, UNREAD, TooManySockets.close_code, 4401, 4403):
        assert str(code) in text
    assert f"at most {MAX_REQUESTS}" in text
    assert f"t most {MAX_WATCHES} " in text
    assert f"{FRAMES_A_MINUTE} frames a minute" in text
    assert f"after {REFUSED_FRAMES} " in text
    assert frames.SUBPROTOCOL in text
