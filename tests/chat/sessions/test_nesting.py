"""JSON that is nested too deeply."""

from __future__ import annotations

import json

import pytest

from chat.sessions.nesting import DEEPEST, flattened


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_what_is_too_deep_becomes_null() -> None:
    """Whatever it is; all else stays, also brackets in strings."""
    content = f'{{"a": "[[\\"{{\\\\", "deep": {nested(5_000)}, "b": [1, {{"c": {nested(3)}}}]}}'
    found = json.loads(flattened(content.encode()))
    assert (found["a"], found["b"]) == ('[["{\\', [1, {"c": [[[]]]}])
    for _ in range(DEEPEST - 1):
        (found["deep"],) = found["deep"]
    assert found["deep"] is None


@pytest.mark.parametrize("content", [b"", b"[" * 5_000, b"]" * 5, b'{"a": "[', b'["\\', nested(DEEPEST).encode()])
def test_everything_else_stays(content: bytes) -> None:
    """Also what is no JSON."""
    assert flattened(content) == content
