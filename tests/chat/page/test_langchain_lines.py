"""The lines on the page that use its session from LangChain."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from django.test import override_settings

from chat.domain.session_ids import Session
from chat.page.langchain_lines import session_lines, standin_line
from tests.support.servers import PATIENCE, REPOSITORY, Server, clean_environment, running, start_memory_server

SESSION = Session("owner.s'1", "chat.owner")
LOCAL, PUBLIC = "http://localhost:8080", "https://memory.example.org/m"


def lines(**settings: Any) -> str:
    """The lines with these settings; they are a Python program that says what to install."""
    defaults = {"CHAT_PUBLIC_URL": "", "CHAT_PUBLIC_MEMORY_URL": LOCAL, "MOTORHEAD_TOKEN": ""}
    with override_settings(**{**defaults, **settings}):
        found = session_lines(SESSION)
    ast.parse(found)
    assert found.startswith("# pip install ")
    assert "\n\n\n" not in found
    return found


def test_without_a_token_they_use_langchains_own_class() -> None:
    """With the session's memory id and the memory server's address."""
    found = lines()
    assert f"MotorheadMemory(session_id=\"owner.s'1\", url='{LOCAL}')" in found
    assert found.startswith("# pip install langchain-classic langchain-community\n")
    assert "environ" not in found


def test_with_a_token_they_use_this_projects_class() -> None:
    """LangChain's own sends none. The token itself is not on the page."""
    found = lines(MOTORHEAD_TOKEN="s3cret")
    assert f'("owner.s\'1", \'{LOCAL}\', token=os.environ["MOTORHEAD_TOKEN"])' in found
    assert found.startswith("# pip install langchain_motorhead-*.whl")
    assert "s3cret" not in found


def test_the_lines_with_a_token_run(valkey: Server, tmp_path: Path) -> None:
    """With the token in the environment, they print what was said."""
    with running(start_memory_server(valkey.url, tmp_path / "memory.log", MOTORHEAD_TOKEN="s3cret")) as memory:
        said = {"messages": [{"role": "Human", "content": "hi im bob"}]}
        headers = {"Authorization": "Bearer s3cret"}
        path = f"/sessions/{quote(SESSION.memory_id)}/memory"
        httpx.post(memory.url + path, json=said, headers=headers, trust_env=False).raise_for_status()
        program = lines(MOTORHEAD_TOKEN="s3cret", CHAT_PUBLIC_MEMORY_URL=memory.url)
        env = clean_environment({"MOTORHEAD_TOKEN": "s3cret"})
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, check=False, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60 * PATIENCE
        )
    assert "HumanMessage(content='hi im bob'" in done.stdout, done.stderr


@pytest.mark.parametrize("token", ["", "s3cret"])
def test_a_public_site_names_a_public_address_or_none(token: str) -> None:
    """An address on the site's own machine would be one on the visitor's."""
    public = {"CHAT_PUBLIC_URL": "https://chat.example.org", "MOTORHEAD_TOKEN": token}
    assert PUBLIC in lines(**public, CHAT_PUBLIC_MEMORY_URL=PUBLIC)
    for local in (LOCAL, "http://127.0.0.1:8080", "http://[::1]:8080"):
        found = lines(**public, CHAT_PUBLIC_MEMORY_URL=local)
        assert local not in found
        assert 'os.environ["MOTORHEAD_URL"]' in found
        assert "import os\n" in found


@pytest.mark.parametrize(
    ("site", "standin", "line"),
    [
        ("", "http://localhost:8081/v1", "export OPENAI_API_KEY=none OPENAI_BASE_URL=http://localhost:8081/v1"),
        ("http://localhost:9000", "http://localhost:8081/v1",
         "export OPENAI_API_KEY=none OPENAI_BASE_URL=http://localhost:8081/v1"),
        ("https://chat.example.org", "http://localhost:8081/v1", ""),
        ("https://chat.example.org", "https://model.example.org/v1",
         "export OPENAI_API_KEY=none OPENAI_BASE_URL=https://model.example.org/v1"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_stand_in_is_offered_where_it_is_reached(site: str, standin: str, line: str) -> None:
    """One line for a shell; none if a real model answers, or if visitors come from other machines."""
    with override_settings(CHAT_PUBLIC_URL=site, CHAT_PUBLIC_STANDIN_URL=standin):
        assert standin_line() == line
