"""What the model saw, over the API."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.ai_sdk.sockets import Socket, raw_socket
from tests.chat.api.v1.callers import Caller, problem_of, token_of
from tests.support.scripted_openai import ScriptedOpenAI


async def answer(caller: Caller, text: str) -> str:
    """Have ``text`` answered in the session, and return the turn's id."""
    protocols = ["ai-sdk.v1", f"bearer.{token_of(caller.site, caller.owner)}"]
    async with raw_socket(caller.site, subprotocols=protocols) as socket:
        assert isinstance(socket, Socket)
        return (await socket.ask("trip", text)).turn_id


async def test_the_prompt_of_a_turn_and_of_its_reply(caller: Caller, model: ScriptedOpenAI):
    """They are the same, part by part, with what became of the turn."""
    model.enqueue("Hi Bob.")
    turn_id = await answer(caller, "hi im bob")
    seen, by_reply = await asyncio.gather(
        *(
            asyncio.to_thread(caller.get, path)
            for path in (
                f"/sessions/trip/turns/{turn_id}/prompt",
                f"/sessions/trip/messages/{turn_id}.reply/prompt",
            )
        )
    )
    prompt = seen.json()
    assert prompt == by_reply.json()
    assert [part["kind"] for part in prompt["parts"]] == ["system", "message"]
    assert prompt["parts"][1]["text"] == "hi im bob"
    assert prompt["tokens"] == sum(part["tokens"] for part in prompt["parts"])
    assert prompt["end"]["appended"] >= prompt["end"]["whole"] >= prompt["asked"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("turns/t1/prompt", 404, "prompt_unknown"),
        ("turns/%20/prompt", 400, "invalid_turn"),
        ("messages/2/prompt", 404, "prompt_unknown"),
    ],
)
def test_a_prompt_that_is_not_known(caller: Caller, path: str, status: int, code: str):
    """That of a turn long ago, of another owner, or of none."""
    caller.remember("trip", "hi", "Hello.")
    found: httpx.Response = caller.get(f"/sessions/trip/{path}")
    assert problem_of(found, status)["code"] == code
