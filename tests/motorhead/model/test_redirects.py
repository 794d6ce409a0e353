"""Redirections of the model's server."""

from __future__ import annotations

import pytest

from motorhead.exceptions import ModelRejected
from tests.motorhead.model.test_client import PATH, asked, client
from tests.support.scripted_openai import Reply, ScriptedOpenAI


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirection_that_loses_the_question_names_the_new_address(
    scripted_openai: ScriptedOpenAI, status: int
) -> None:
    """Clients follow it with a GET, whose answer says nothing about the model; no query is shown."""
    place = scripted_openai.url.replace("/v1", "/api/v2")
    there = {"Location": f"{place}{PATH}?key=k"}
    scripted_openai.enqueue(Reply(status=status, raw=[b""], headers=there))
    with pytest.raises(ModelRejected, match=f"redirects to {place}; set OPENAI_BASE_URL to that address"):
        await asked(client(scripted_openai.url))


async def test_a_redirection_that_keeps_the_question_is_followed(scripted_openai: ScriptedOpenAI) -> None:
    """The answer is that of the new address."""
    there = {"Location": f"{scripted_openai.url}/other{PATH}"}
    scripted_openai.enqueue(Reply(status=307, raw=[b""], headers=there), "Hello.")
    assert b"Hello." in await asked(client(scripted_openai.url))
