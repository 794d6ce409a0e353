"""The guide *React in five minutes*: its files and commands, as they stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.examples.conftest import EXAMPLES, World
from tests.support.node import NODE, install
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.node]

GUIDE = (REPOSITORY / "docs" / "react.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`.*?\n```\w+\n(.*?)```", GUIDE, re.MULTILINE | re.DOTALL))
COMMANDS = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
PACKAGES = dict(re.findall(r" ((?:@[\w-]+/)?[\w-]+)@(\d+)", COMMANDS))


@pytest.fixture(scope="module")
def address(whole_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The guide's page, on the packages of the example: they are the ones that its command installs."""
    install(EXAMPLES / "react")
    folder = tmp_path_factory.mktemp("my-chat")
    (folder / "node_modules").symlink_to(EXAMPLES / "react" / "node_modules")
    port = str(whole_world.ports["quickstart"])
    for name, text in FILES.items():
        here = text.replace("127.0.0.1:8000", whole_world.site.url.removeprefix("http://")).replace("5173", port)
        here = here.replace("'trip'", "'guide'")  # another example has the other one
        (folder / name).write_text(here)
    command = [NODE, folder / "node_modules" / "vite" / "bin" / "vite.js"]
    with whole_world.serving("quickstart", command, folder, folder / "log") as address:
        yield address


def test_the_page_of_the_guide_remembers(address: str, open_page: Callable[[str], Page], world: World):
    """After a reload, and although the worker that answers is killed."""
    page = open_page(address)
    said = page.locator("form > p:not(:last-of-type)")
    page.get_by_label("Message").fill("hi im bob")
    page.get_by_label("Message").press("Enter")
    expect(said).to_have_text(["user: hi im bob", "assistant: You said: hi im bob"])
    world.model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), "Your name is Bob.")
    page.get_by_label("Message").fill("whats my name?")
    page.get_by_label("Message").press("Enter")
    expect(said.last).to_have_text("assistant: lost words")
    world.kill_the_answering("guide")
    expect(said.last).to_have_text("assistant: Your name is Bob.")
    page.reload()
    expect(said).to_have_text(
        ["user: hi im bob", "assistant: You said: hi im bob", "user: whats my name?", "assistant: Your name is Bob."]
    )


def test_the_commands_of_the_guide_do_what_the_test_does():
    """Its packages are those of the example, and the rest is the set-up of the tests' site, word for word."""
    asked = json.loads((EXAMPLES / "react" / "package.json").read_text())
    wanted = {
        name: version.split(".")[0] for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items()
    }
    assert {**PACKAGES, "@vitejs/plugin-react": wanted["@vitejs/plugin-react"]} == wanted
    assert set(FILES) == {"index.html", "main.jsx", "vite.config.js"}
    for command in (
        "CHAT_ALLOWED_ORIGINS=http://127.0.0.1:5173 scripts/serve",
        "manage.py issue_token --tenant acme",
        "npx vite",
    ):
        assert command in COMMANDS
