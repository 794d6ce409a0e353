"""The formats of files to import, recognised by their contents."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings, strategies as st

from chat.domain.exceptions import InvalidImport
from chat.sessions.import_formats import read_import
from tests.chat.sessions.chatgpt_export import conversation, file_of, said

OWN = {"format": "motorhead-chat", "version": 1, "sessions": [{"messages": [{"role": "AI", "text": "hi"}]}]}
TREE = conversation(said("user", "hi"))


@pytest.mark.parametrize("content", [json.dumps(OWN).encode(), file_of(TREE), json.dumps(TREE).encode()])
@pytest.mark.parametrize("before", [b"", b"\n ", b"\xef\xbb\xbf"])
def test_a_format_is_recognised(content: bytes, before: bytes) -> None:
    """Also a single conversation, with white space or a mark of the encoding before it."""
    (session,) = read_import(before + content).sessions
    assert [message.content for message in session.messages] == ["hi"]


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("conversations.json", file_of(TREE))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "unknown"), (b"hello", "unknown"), (b"{}", "unknown"), (b'{"sessions": []}', "unknown"),
        (b"[", "not_json"), (b'{"format": ', "not_json"), (b"[" * 100_000, "not_json"), (b'["\xff', "not_json"),
        (b"[]", "nothing"), (b"[1]", "malformed"), (file_of({}), "malformed"), (_zipped(), "zip"),
        (json.dumps({**OWN, "sessions": []}).encode(), "nothing"),
        (json.dumps({**OWN, "version": 7}).encode(), "version"),
    ],
)  # fmt: skip
def test_another_file_is_refused(content: bytes, reason: str) -> None:
    """With a sentence that says what is wrong with it."""
    with pytest.raises(InvalidImport) as refused:
        read_import(content)
    assert refused.value.reason == reason
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("sessions", [file_of(TREE, {**TREE, "deep": "here"}), json.dumps(OWN).encode()])
def test_a_value_that_is_nested_too_deeply_does_not_refuse_the_file(sessions: bytes) -> None:
    """Nothing so deep is ever shown."""
    deep = b"[" * 5_000 + b"]" * 5_000
    content = sessions.replace(b'"here"', deep).replace(b'"version"', b'"deep": %b, "version"' % deep)
    assert len(content) > 10_000
    assert read_import(content) == read_import(sessions)


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 600), byte=st.integers(0, 255))
def test_a_damaged_file_is_refused_or_read(place: int, byte: int) -> None:
    """Whatever byte is wrong, there is no other error."""
    for content in (json.dumps(OWN).encode(), file_of(TREE)):
        damaged = bytearray(content)
        damaged[place % len(damaged)] = byte
        with suppress(InvalidImport):
            read_import(bytes(damaged))


def test_halves_of_characters_are_replaced() -> None:
    """Some exports have been cut in the middle of an emoji; whole ones, and what only looks like one, stay."""
    (session,) = read_import(file_of(conversation(said("user", "hi \ud83d", "\ud83d\ude00 \\ud83d")))).sessions
    assert session.messages[0].content == "hi \ufffd\n\n😀 \\ud83d"
