"""The example in plain JavaScript, in a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import EXAMPLES, World
from tests.support.axe import violations
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(whole_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example's own server."""
    command = [sys.executable, "server.py", whole_world.ports["javascript"]]
    log = tmp_path_factory.mktemp("javascript") / "log"
    with whole_world.serving("javascript", command, EXAMPLES / "javascript", log) as address:
        yield address


def test_a_killed_worker_and_a_reload_lose_nothing(address: str, open_page: Callable[[str], Page], world: World):
    """The answer goes on, is shown once, and is remembered once. The summary is shown beside it."""
    page = open_page(address)
    messages = page.locator("#messages li")
    world.model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2))
    page.get_by_label("Message").fill("tell me")
    page.get_by_label("Message").press("Enter")
    expect(messages).to_have_text(["tell me", "lost words"])
    gate = Gate()
    world.model.enqueue(Reply(["the whole ", "answer"], gate=gate, gate_at=1))
    world.kill_the_answering("trip")
    expect(messages).to_have_text(["tell me", "the whole "])
    page.reload()
    expect(messages).to_have_text(["tell me", "the whole "])
    gate.release()
    expect(messages).to_have_text(["tell me", "the whole answer"])
    expect(page.locator("#stop")).to_be_hidden()
    assert world.remembered("trip") == ["tell me", "the whole answer"]
    world.fold("trip", "2", "Something was told.")
    expect(page.locator("#summary")).to_have_text("Something was told.")
    assert violations(page) == []


def test_the_token_stays_on_the_server(address: str, open_page: Callable[[str], Page], world: World):
    """No file of the page has it, and no other file is served."""
    page = open_page(address)
    sent: list[str] = []
    page.on("response", lambda response: sent.append(response.url))
    page.reload()
    expect(page.get_by_label("Message")).to_be_visible()
    for path in ("/server.py", "/../../manage.py", "/client/../../../manage.py", "/README.md"):
        assert page.request.get(address + path).status == 404, path
    assert world.token not in page.content()
    assert not any(world.token in url for url in sent)


def test_the_server_has_few_lines() -> None:
    """It is read in a minute."""
    for path in Path(EXAMPLES / "javascript").glob("*.*"):
        assert len(path.read_text().splitlines()) <= 110, path.name
