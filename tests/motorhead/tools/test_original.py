"""Reading an existing Motörhead: its own keys are read, other keys are reported and left out."""

from __future__ import annotations

import pytest

from motorhead.store.keys import mark
from motorhead.tools.original import OldSession, Original
from redis_link.connection import Command
from redis_link.link import RedisLink

SOUND: list[Command] = [
    ("RPUSH", "session:x", "AI: a: b", "Human: hi"),
    ("SET", "context:x", "So far."),
    ("SET", "tokens:x", "7"),
    ("ZADD", "sessions:foo", 12, "x"),
    ("ZADD", "sessions", 11, "x"),
    ("HSET", "motorhead:1", "session", "x", "role", "AI: a", "content", "b"),
]
#: A foreign key in place of one of the original's, the sentence about it, and the fields of the session without it.
FOREIGN: list[tuple[list[Command], str, dict[str, object]]] = [
    ([("SET", "session:x", "foreign")], "Key 'session:x': it is a string, not a list", {"lines": []}),
    ([("HSET", "context:x", "a", "b")], "Key 'context:x': it is a hash, not a string", {"context": None}),
    ([("SET", "tokens:x", "abc")], "Key 'tokens:x': it is not a count", {"tokens": 0}),
    ([("RPUSH", "tokens:x", "1")], "Key 'tokens:x': it is a list, not a string", {"tokens": 0}),
    ([("SET", "sessions:foo", "bar")], "Key 'sessions:foo': it is a string, not a zset", {"listed": [(b"-", 11.0)]}),
    ([("SET", "motorhead:1", "x")], "Key 'motorhead:1': it is a string, not a hash", {"remembered": []}),
]


async def read(link: RedisLink) -> tuple[Original, OldSession | None]:
    original = Original(link)
    assert await original.ids() == [b"x"]
    return original, await original.session(b"x")


async def test_a_session_is_read_as_it_is(link: RedisLink) -> None:
    """Lines, oldest first, summary, tokens and listings are read; lines are split like the messages with vectors."""
    await link.pipeline(*SOUND)
    original, old = await read(link)
    assert old is not None
    assert (old.lines, old.summary, old.tokens) == ([b"Human: hi", b"AI: a: b"], "So far.", 7)
    assert sorted(old.listed) == [(mark(None), 11.0), (mark("foo"), 12.0)]
    assert [(message.role, message.content) for message in old.listed_messages()] == [("Human", "hi"), ("AI: a", "b")]
    assert old.recovered() == []
    assert (original.left_out, original.ghosts, original.left_behind) == ([], 0, 0)


@pytest.mark.parametrize(("commands", "sentence", "changed"), FOREIGN)
async def test_a_foreign_key_is_reported_and_the_rest_is_read(
    link: RedisLink, commands: list[Command], sentence: str, changed: dict[str, object]
) -> None:
    """A key of the wrong type loses only its own contents."""
    await link.pipeline(*SOUND)
    await link.pipeline(("UNLINK", commands[0][1]), *commands)
    original, old = await read(link)
    assert original.left_out == [f"{sentence}; it was left out."]
    assert old is not None
    for name, value in changed.items():
        assert getattr(old, name) == value
    assert old.context == changed.get("context", "So far.")


async def test_an_id_without_any_key_of_the_originals_is_no_session(link: RedisLink) -> None:
    """A string with the name of a session's list belongs to another program."""
    await link.pipeline(("SET", "session:webapp", "x"), ("ZADD", "sessions", 1, "webapp"))
    original = Original(link)
    assert await original.ids() == [b"webapp"]
    assert await original.session(b"webapp") is None
    assert len(original.left_out) == original.ghosts == 1
