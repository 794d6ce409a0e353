"""A model whose server is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chat.model.client import ChatModel
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE


@pytest.fixture
async def model(scripted_openai: ScriptedOpenAI) -> AsyncIterator[ChatModel]:
    """A model with enough patience for every test."""
    model = ChatModel("scripted", base_url=scripted_openai.url, api_key="key", patience=20 * PATIENCE)
    yield model
    await model.aclose()
