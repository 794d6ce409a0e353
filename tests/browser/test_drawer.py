"""The drawer where one ends the site's processes: the answer goes on or begins again, and a story says how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.acts import box, button, live, memory_id, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.axe import violations
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site

pytestmark = pytest.mark.browser

#: Milliseconds until a process has been started again, or another has taken over.
LATE = 30_000 * PATIENCE


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedOpenAI]:
    """The model of the whole site."""
    with ScriptedOpenAI() as model:
        yield model


@pytest.fixture(scope="module")
def whole_site(model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that runs its own memory server and store, with two workers."""
    settings = {"OPENAI_BASE_URL": model.url, "CHAT_MODEL": "chat-model", "CHAT_LEASE": "1"}
    with running(start_site(tmp_path_factory.mktemp("drawer"), "--workers", "2", **settings)) as site:
        assert isinstance(site, Site)
        yield site


@pytest.fixture
def drawer_page(whole_site: Site, model: ScriptedOpenAI, chromium: Browser) -> Iterator[Page]:
    """A new visitor's page with the drawer open; it breaks no policy of its own."""
    model.forget()
    context = chromium.new_context(base_url=whole_site.url)
    broken: list[str] = []
    context.on("weberror", lambda problem: broken.append(str(problem.error)))
    context.on("console", lambda message: broken.append(message.text) if "Security Policy" in message.text else None)
    page = context.new_page()
    page.set_default_timeout(10_000 * PATIENCE)
    page.goto("/")
    page.locator("#drawer summary").click()
    expect(page.locator("#held-by")).to_contain_text("process")
    yield page
    context.close()
    assert not broken


def story(page: Page) -> Locator:
    """What has happened, line by line."""
    return page.locator("#story li")


def remembered(site: Site, page: Page) -> list[str]:
    """The texts of the session on the memory server, oldest first."""
    answer = httpx.get(f"{site.record()['memory']}/sessions/{memory_id(page)}/memory", trust_env=False).json()
    return [message["content"] for message in reversed(answer["messages"])]


def begin_answer(page: Page, model: ScriptedOpenAI) -> Gate:
    """Send a message, and wait for the first half of its answer."""
    gate = Gate()
    model.enqueue(Reply(["The first half, ", "and the second."], gate=gate, gate_at=1), when=asked_to_chat)
    send(page, "tell me both")
    expect(live(page).locator(".reply .text")).to_have_text("The first half, ")
    return gate


def expect_whole(site: Site, page: Page, answer: str) -> None:
    """The exchange is on the page and remembered, once, with the same text; the story ends with that."""
    expect(page.locator("#story .whole")).to_be_visible(timeout=LATE)
    expect(window(page)).to_have_text(["tell me both", answer])
    assert remembered(site, page) == ["tell me both", answer]


def test_another_worker_takes_over_from_a_killed_one(drawer_page: Page, whole_site: Site, model: ScriptedOpenAI):
    """The page names who answers; killed in mid-answer, another begins the answer again, and it is remembered once.

    axe finds nothing wrong with the story of it.
    """
    gate = begin_answer(drawer_page, model)
    answers = drawer_page.locator("#answered-by")
    expect(answers).to_have_text(re.compile(r"web\.[12], process \d+, now"))
    killed = answers.inner_text().removesuffix(", now")
    model.enqueue(Reply("The whole of it."), when=asked_to_chat)
    button(drawer_page, "Kill this worker").click()
    expect(story(drawer_page).first).to_contain_text(f"Killed {killed}.")
    expect_whole(whole_site, drawer_page, "The whole of it.")
    gate.release()
    told = " ".join(story(drawer_page).all_inner_texts())
    assert "Noticed:" in told
    assert "Started again:" in told
    assert "the answer begins again" in told
    assert killed not in answers.inner_text()
    expect(story(drawer_page).last).to_contain_text("Whole: the answer is complete and remembered.")
    assert re.search(r"\+\d+\.\d+ s", story(drawer_page).last.inner_text())
    for scheme in ("light", "dark"):
        drawer_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(drawer_page) == []


def test_an_answer_outlives_the_memory_server(drawer_page: Page, whole_site: Site, model: ScriptedOpenAI):
    """It streams on, and is remembered when the memory server is back."""
    gate = begin_answer(drawer_page, model)
    button(drawer_page, "Kill the memory server").click()
    expect(story(drawer_page).first).to_contain_text("Killed the memory server, process")
    gate.release()
    expect_whole(whole_site, drawer_page, "The first half, and the second.")
    expect(story(drawer_page).filter(has_text="Started again: memory.1")).to_have_count(1)


def test_an_answer_outlives_a_restart_of_the_store(drawer_page: Page, whole_site: Site, model: ScriptedOpenAI):
    """It goes on, and ends once the store is back with everything in it."""
    gate = begin_answer(drawer_page, model)
    button(drawer_page, "Restart the store").click()
    expect(story(drawer_page).first).to_contain_text("Restarted the store, process")
    gate.release()
    expect_whole(whole_site, drawer_page, "The first half, and the second.")
    expect(story(drawer_page).filter(has_text="Started again: valkey")).to_have_count(1)


def test_an_answer_goes_on_when_the_socket_is_cut(drawer_page: Page, whole_site: Site, model: ScriptedOpenAI):
    """The page connects again and stands where it stood: nobody had stopped answering."""
    gate = begin_answer(drawer_page, model)
    button(drawer_page, "Cut this socket").click()
    expect(story(drawer_page).filter(has_text="The answer goes on")).to_have_count(1, timeout=LATE)
    expect(drawer_page.locator("#story .whole")).to_contain_text("nothing of the answer is missing")
    expect(live(drawer_page).locator(".reply .text")).to_have_text("The first half, ")
    gate.release()
    expect_whole(whole_site, drawer_page, "The first half, and the second.")


def test_a_process_can_be_killed_while_nothing_happens(drawer_page: Page, whole_site: Site):
    """Without an answer, it is the worker that holds the socket; the story survives the way to another session."""
    held = drawer_page.locator("#held-by").inner_text()
    button(drawer_page, "Kill this worker").click()
    expect(story(drawer_page).first).to_contain_text(f"Killed {held}.")
    expect(drawer_page.locator("#story .whole")).to_contain_text("nothing was lost", timeout=LATE)
    told, before = story(drawer_page).all_text_contents(), memory_id(drawer_page)
    drawer_page.get_by_role("link", name="New session").click()
    expect(drawer_page.locator("#session")).not_to_have_attribute("data-session", before)
    expect(drawer_page.locator("#held-by")).to_contain_text("process")
    expect(drawer_page.locator("#drawer")).to_have_attribute("open", "")
    expect(story(drawer_page)).to_have_text(told)
    box(drawer_page).fill("still here")
    drawer_page.keyboard.press("Enter")
    expect(window(drawer_page)).to_have_count(2)


def test_behind_a_proxy_there_is_no_drawer(open_page: Any):
    """Its visitors may be anywhere: the offer to kill a worker is off, and says why."""
    page = open_page(extra_http_headers={"X-Forwarded-For": "192.0.2.1"})
    offer = page.locator("[data-offer=kill]")
    expect(offer).to_be_disabled()
    expect(offer).to_contain_text("Only where the site runs on your own machine")
    expect(page.locator("#drawer")).to_have_count(0)


def test_what_runs_elsewhere_is_out_of_reach(page: Page, world: Any):
    """Where the supervisor runs neither the memory server nor the store, their buttons are off, and a line says why."""
    page.locator("#drawer summary").click()
    expect(page.locator("#out-of-reach")).to_have_text("The memory server and the store run elsewhere, out of reach.")
    expect(button(page, "Kill the memory server")).to_be_disabled()
    expect(button(page, "Restart the store")).to_be_disabled()
    expect(button(page, "Kill this worker")).to_be_enabled()
    expect(page.locator("#held-by")).to_have_text(re.compile(r"web\.[12] on [\w.-]+, process \d+"))
