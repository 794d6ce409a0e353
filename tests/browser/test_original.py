"""The page in front of the original Motörhead: it chats, and says why the rest is not possible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.page.possible import NO_SEARCH, ON_THE_ORIGINAL
from tests.browser.acts import act, button, notice, say, window
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import start_site

pytestmark = pytest.mark.browser

#: Each verb of the memory panel, and why it is grey.
VERBS = {
    "Edit the summary": ON_THE_ORIGINAL.no_edit,
    "Fold now": ON_THE_ORIGINAL.no_half,
    "Versions": ON_THE_ORIGINAL.no_versions,
    "Instructions": ON_THE_ORIGINAL.no_instructions,
}


@pytest.fixture(scope="module")
def original() -> Iterator[OriginalMotorhead]:
    """The memory server of the site."""
    with OriginalMotorhead() as server:
        yield server


@pytest.fixture(scope="module")
def page(chromium: Browser, original: OriginalMotorhead, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a site in front of it, after two turns."""
    with ScriptedOpenAI() as model:
        settings = {"MOTORHEAD_URL": original.url, "OPENAI_BASE_URL": model.url, "CHAT_TURNS_PER_MINUTE": "0"}
        site = start_site(tmp_path_factory.mktemp("original"), "--workers", "1", **settings)
        try:
            page = chromium.new_context(base_url=site.url).new_page()
            page.goto("/")
            say(page, "one")
            say(page, "two")
            yield page
            page.context.close()
        finally:
            site.stop()


def test_turns_are_remembered(page, original):
    """Both are on the page after a reload, and in the original's window."""
    page.reload()
    expect(window(page)).to_have_text(["one", "You said: one", "two", "You said: two"])
    (messages,) = original.messages.values()
    assert [message["content"] for message in messages] == ["one", "You said: one", "two", "You said: two"]


@pytest.mark.parametrize(("name", "reason"), VERBS.items())
def test_each_verb_of_the_panel_is_grey_and_says_why(page, name, reason):
    """A verb that the original has not is neither hidden nor fails."""
    verb = button(page, name)
    expect(verb).to_have_attribute("aria-disabled", "true")
    expect(verb).to_have_attribute("title", reason)


@pytest.mark.parametrize(("name", "text"), [("Edit", "one"), ("Fork", "one"), ("Regenerate", "You said: two")])
def test_each_verb_of_a_message_says_why_it_is_not_possible(page, name, text):
    """A click says it, too, and changes nothing."""
    expect(act(page, name, text)).to_have_attribute("aria-disabled", "true")
    act(page, name, text).click(force=True)
    expect(notice(page)).to_contain_text("This memory server cannot do that")
    expect(window(page)).to_have_count(4)


def test_the_search_says_why_it_finds_nothing(page):
    """It is a reason, and neither an error nor an empty list."""
    page.get_by_role("searchbox").fill("one")
    page.keyboard.press("Enter")
    expect(page.get_by_text(NO_SEARCH)).to_be_visible()


def test_signing_in_says_that_sessions_stay_behind(page):
    """Before somebody does: it cannot fork, and this browser would not open them again."""
    page.goto("/account/sign-in")
    form = page.locator("form:not(.languages)")
    expect(form).to_contain_text("This memory server cannot move sessions: the session of this browser")
    expect(page.get_by_role("checkbox")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything first").click()
    assert "You said: two" in download.value.path().read_text()
