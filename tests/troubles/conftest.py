"""A tab on a site with two workers, for all tests: it costs more than they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import chromium
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, running, start_site
from tests.support.silent_line import SilentLine
from tests.troubles.troubles import TROUBLES, Tab, Trouble

__all__ = ["chromium"]


@pytest.fixture(params=TROUBLES, ids=lambda kind: kind.__name__.lower())
def trouble(request: pytest.FixtureRequest) -> type[Trouble]:
    """Each of the troubles."""
    kind: type[Trouble] = request.param
    return kind


@pytest.fixture(scope="package")
def whole_tab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """The tab, with the site that it shows."""
    folder = tmp_path_factory.mktemp("troubles")
    with ScriptedOpenAI() as model:
        settings = {
            "OPENAI_BASE_URL": model.url,
            "CHAT_MODEL": "chat-model",
            "CHAT_LEASE": "1",
            "CHAT_SIGN_UP": "open",
            "CHAT_TURNS_PER_MINUTE": "0",
        }
        with running(start_site(folder, "--workers", "2", **settings)) as site, SilentLine(site.url) as line:
            context = chromium.new_context(base_url=line.url)
            page = context.new_page()
            page.set_default_timeout(10_000 * PATIENCE)
            page.clock.install()
            devtools = context.new_cdp_session(page)
            devtools.send("Debugger.enable")
            tab = Tab(page, site, model, line, devtools)
            model.default = tab.answer
            yield tab
            context.close()


@pytest.fixture
def tab(whole_tab: Tab) -> Iterator[Tab]:
    """The tab; nothing is queued for it, and nothing is answered."""
    whole_tab.model.forget()
    yield whole_tab
    whole_tab.end_answer()
