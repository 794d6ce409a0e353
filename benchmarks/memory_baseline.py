"""The baseline of ``memory_server.py``: a minimal ASGI app that sends the same Redis commands as the memory server
for GET and POST memory, through redis-py's connection pool as its documentation shows. It does not fold, validate or
handle errors.

    REDIS_URL=redis://127.0.0.1:6379 python -m uvicorn benchmarks.memory_baseline:application
"""

from __future__ import annotations

import os
import secrets
import time
from typing import Any

import msgspec
import redis
import redis.asyncio

from motorhead.messages import NewMessage, PostMemory
from motorhead.store.appending import NewContent, append_command
from motorhead.store.keys import SessionKeys
from motorhead.store.scripts import APPEND
from motorhead.store.state import STATE_FIELDS

pool = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
with redis.Redis.from_url(os.environ["REDIS_URL"]) as at_first:
    at_first.script_load(APPEND.source)
decoder = msgspec.json.Decoder(PostMemory)
HEADERS = [(b"content-type", b"application/json")]


async def get(keys: SessionKeys) -> bytes:
    """The state, the newest messages and their roles, in one round trip."""
    async with pool.pipeline(transaction=False) as pipe:
        pipe.hmget(keys.state, STATE_FIELDS)
        pipe.xrevrange(keys.messages, count=14)
        pipe.hget(keys.state, "epoch")
        state, entries, _ = await pipe.execute()
    messages = [msgspec.Raw(fields[b"m"]) for _, fields in entries]
    context = state[5].decode() if state[5] else None
    return msgspec.json.encode({"messages": messages, "context": context, "tokens": int(state[6] or 0)})


async def post(session_id: bytes, keys: SessionKeys, body: bytes) -> bytes:
    """One ZADD and one script, in one round trip."""
    messages: list[NewMessage] = decoder.decode(body).messages
    command = append_command(session_id, NewContent(messages), b"-", secrets.token_hex(8))
    async with pool.pipeline(transaction=False) as pipe:
        pipe.zadd(b"mh:sessions", {session_id: int(time.time() * 1000)}, gt=True)
        # Not redis-py's Script: in a pipeline, that takes an extra round trip each time to ask whether Redis has it.
        pipe.execute_command(*command)
        await pipe.execute()
    return b'{"status":"Ok"}'


async def application(scope: Any, receive: Any, send: Any) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    session_id = scope["raw_path"].split(b"/")[2] if scope["raw_path"].count(b"/") > 1 else b""
    keys = SessionKeys(session_id)
    if scope["method"] == "GET":
        body = await get(keys) if session_id else b"{}"
    else:
        body = await post(session_id, keys, (await receive())["body"])
    headers = [*HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
