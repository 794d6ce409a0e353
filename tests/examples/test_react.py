"""The example in React, built, in a browser."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.examples.conftest import EXAMPLES, World
from tests.examples.lost_chat import losable_chat
from tests.support.axe import violations
from tests.support.node import NODE, install
from tests.support.scripted_openai import Gate, Reply
from tests.support.servers import clean_environment

pytestmark = [pytest.mark.browser, pytest.mark.node]

FOLDER = EXAMPLES / "react"
VITE = FOLDER / "node_modules" / "vite" / "bin" / "vite.js"


@pytest.fixture(scope="module")
def address(whole_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built example, served by Vite, whose configuration buys the tickets."""
    install(FOLDER)
    built = tmp_path_factory.mktemp("react")
    env = clean_environment({"VITE_CHAT_URL": whole_world.site.url})
    subprocess.run([NODE, VITE, "build", "--outDir", built / "dist"], cwd=FOLDER, env=env, check=True)
    port = ("--port", whole_world.ports["react"], "--strictPort")
    command = [NODE, VITE, "preview", "--outDir", built / "dist", *port]
    with whole_world.serving("react", command, FOLDER, built / "log") as address:
        yield address


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_label("Message").press("Enter")


def messages(page: Page) -> Locator:
    return page.locator("ol li:not([aria-hidden])")


def test_a_killed_worker_loses_nothing(address: str, open_page: Callable[[str], Page], world: World):
    """The answer of another worker takes the place of the one that was lost, and is remembered once."""
    page = open_page(f"{address}#killed")
    world.model.enqueue(Reply(["lost ", "words"], gate=Gate(), gate_at=2), "the whole answer")
    say(page, "tell me")
    expect(messages(page)).to_have_text(["tell me", "lost words"])
    world.kill_the_answering("killed")
    expect(messages(page)).to_have_text(["tell me", "the whole answer"])
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("")
    assert world.remembered("killed") == ["tell me", "the whole answer"]


def test_a_message_waits_until_the_chat_is_back(address: str, open_page: Callable[[str], Page], world: World):
    """It is sent again, and answered once."""
    page = open_page("about:blank")
    chat = losable_chat(page)
    page.goto(f"{address}#away")
    say(page, "hi im bob")
    expect(messages(page)).to_have_text(["hi im bob", "You said: hi im bob"])
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()
    chat.lose(tries=4)
    say(page, "are you there?")
    expect(messages(page).last).to_have_text("You said: are you there?")
    expect(page.get_by_role("alert")).to_have_text("")
    assert world.remembered("away")[2:] == ["are you there?", "You said: are you there?"]


def test_a_reload_shows_the_history_and_resumes_the_answer(
    address: str, open_page: Callable[[str], Page], world: World
):
    """No message stands there twice."""
    page = open_page(f"{address}#reload")
    say(page, "hi im bob")
    expect(messages(page)).to_have_text(["hi im bob", "You said: hi im bob"])
    gate = Gate()
    world.model.enqueue(Reply(["one ", "two"], gate=gate, gate_at=1))
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()
    say(page, "count")
    expect(messages(page).last).to_have_text("one ")
    page.reload()
    half = ["hi im bob", "You said: hi im bob", "count", "one "]
    expect(messages(page)).to_have_text(half)
    gate.release()
    expect(messages(page)).to_have_text([*half[:3], "one two"])
    assert world.remembered("reload") == [*half[:3], "one two"]


def test_an_answer_is_stopped_and_given_again(address: str, open_page: Callable[[str], Page], world: World):
    """The new one takes the place of the old one, also in the memory."""
    page = open_page(f"{address}#again")
    world.model.enqueue(Reply("half an answer", gate=Gate(), gate_at=2), "a better answer")
    say(page, "tell me")
    expect(messages(page).last).to_have_text("half an ")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Regenerate").click()
    expect(messages(page)).to_have_text(["tell me", "a better answer"])
    expect(page.get_by_role("button", name="Regenerate")).to_be_visible()
    assert world.remembered("again") == ["tell me", "a better answer"]


def test_sessions_and_the_summary_stand_beside_the_chat(address: str, open_page: Callable[[str], Page], world: World):
    """They follow what is said and summarised."""
    page = open_page(f"{address}#beside")
    say(page, "hi im bob")
    expect(page.get_by_role("link", name="hi im bob", exact=True).first).to_have_attribute("aria-current", "page")
    expect(page.locator("aside")).to_contain_text("2 messages word for word, 0 in the summary")
    world.fold("beside", "2", "The user is Bob.")
    expect(page.locator("aside")).to_contain_text("The user is Bob.")
    assert violations(page) == []
    page.get_by_role("button", name="New session").click()
    expect(messages(page)).to_have_count(0)
    expect(page.locator("aside")).to_contain_text("Nothing is summarised yet.")
    page.go_back()
    expect(messages(page)).to_have_text(["hi im bob", "You said: hi im bob"])
