"""Take the pictures of the documentation, and the recording of a kill: ``scripts/screenshots [FOLDER]``.

They show the whole site with its stand-in model, in a window of a fixed size. Only times, process ids and the moment
of a fold differ from one run to the next.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize

from scripts.recording import Recording
from tests.support.chromium import chromium
from tests.support.servers import REPOSITORY, Site, running, start_site

FOLDER = REPOSITORY / "docs" / "screenshots"
WINDOW, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
#: The window of the recording.
SMALLER = ViewportSize(width=1100, height=700)
#: Of WebP, from 0 to 100.
QUALITY = 82

#: What is said until the window has been folded twice, and then.
SAID = (
    "Hi, my name is Lemmy.",
    "I play the bass.",
    "I live in Stoke.",
    "My dog is called Ace.",
    "I like tea with milk.",
    "My favourite colour is black.",
    "I work at night.",
    "My sister is called Iris.",
    "I hate flat beer.",
    "I speak Welsh.",
    "What is my name?",
)
CODE = "Show me some Python code."
LONG = "Now 170 words about bass players."


def main() -> int:
    """Write all pictures. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, sites() as site:
        take_all(browser, site, folder)
        record_kill(browser, site, folder / "kill.webp")
    for path in sorted(folder.glob("*.webp")):
        print(f"{path.name:<32}{path.stat().st_size / 1024:>6.0f} KiB")
    return 0


@contextmanager
def sites() -> Iterator[Site]:
    """The site with two workers, a lease that is soon over, and the stand-in at a pace that eyes can follow."""
    settings = {"CHAT_LEASE": "1", "STANDIN_DELAY": "0.03", "CHAT_TURNS_PER_MINUTE": "0"}
    with ExitStack() as up:
        folder = up.enter_context(tempfile.TemporaryDirectory(prefix="screenshots-"))
        yield up.enter_context(running(start_site(Path(folder), "--workers", "2", **settings)))


def take_all(browser: Browser, site: Site, folder: Path) -> None:
    """The pictures of one visitor, from the first visit on."""
    page = open_page(browser, site)
    save(page, folder / "first-visit.webp")
    for text in SAID:
        say(page, text)
    page.locator("#summary ins").first.wait_for()  # the second fold
    save(page, folder / "chat-with-fold.webp")
    show_versions(page)
    save(page, folder / "versions.webp", moves=False)
    press(page, "Versions")
    say(page, CODE)
    page.emulate_media(color_scheme="dark")
    save(page, folder / "dark.webp")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    save(page, folder / "phone.webp")
    page.set_viewport_size(WINDOW)
    show_prompt(page)
    save(page, folder / "what-the-model-saw.webp")
    kill(page)
    save(page, folder / "kill-drawer.webp")
    page.context.close()


def show_versions(page: Page) -> None:
    """Open the versions, and what the newest has changed."""
    press(page, "Versions")
    page.locator("#pane li summary").first.click()
    page.locator("#pane .comparison").first.wait_for()
    page.locator("#pane li").first.hover()


def show_prompt(page: Page) -> None:
    """Open what the model saw before its last answer."""
    page.locator("#window .message.reply").last.get_by_role("button", name="What the model saw").click()
    page.get_by_role("dialog", name="What the model saw").wait_for()


def kill(page: Page) -> None:
    """Kill the worker that is answering, and see the answer through."""
    page.keyboard.press("Escape")
    page.locator("#drawer > summary").click()
    begin_answer(page)
    press(page, "Kill this worker")
    page.locator("#story .whole").wait_for()
    page.locator("#window .message.human", has_text=LONG).wait_for()


def record_kill(browser: Browser, site: Site, path: Path) -> None:
    """The recording: an answer begins, its worker is killed, and another gives the whole answer."""
    page = open_page(browser, site, SMALLER)
    page.locator("#drawer > summary").click()
    page.get_by_role("button", name="Kill this worker").wait_for()
    with Recording(page, path) as recording:
        begin_answer(page)
        recording.watch_until(page.locator("#live .reply .text", has_text="This is paragraph 2"))
        page.get_by_role("button", name="Kill this worker").hover()
        recording.watch(0.4)
        press(page, "Kill this worker")
        recording.watch_until(page.locator("#story .whole"))
        recording.watch(0.5, rests=4)
        if not page.locator("#story .taken").count():
            raise SystemExit("The answer was whole before its worker was killed: this machine is too busy.")
    page.context.close()


# --- what a person does ----------------------------------------------------------------------------------------------


def open_page(browser: Browser, site: Site, size: ViewportSize = WINDOW) -> Page:
    """A new visitor's page, on which nothing moves."""
    context = browser.new_context(
        base_url=site.url, viewport=size, reduced_motion="reduce", color_scheme="light", locale="en-GB"
    )
    page = context.new_page()
    page.goto("/")
    page.locator("#window .first-visit").wait_for()
    return page


def say(page: Page, text: str) -> None:
    """Say something, and wait until the answer is remembered."""
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")
    page.locator("#window .message.human", has_text=text).wait_for()


def begin_answer(page: Page) -> None:
    """Ask for a long answer, and wait for its first words."""
    page.get_by_label("Message", exact=True).fill(LONG)
    page.keyboard.press("Enter")
    page.locator("#live .reply .text", has_text="This is paragraph 1").wait_for()


def press(page: Page, name: str) -> None:
    """Press the button with this name."""
    page.get_by_role("button", name=name, exact=True).click()


def save(page: Page, path: Path, *, moves: bool = True) -> None:
    """Write what the page shows as WebP, which Chromium makes; the pointer and the cursor are not in the picture."""
    page.evaluate("document.activeElement.blur()")
    if moves:
        page.mouse.move(0, 0)
    page.wait_for_timeout(300)  # what fades has faded
    session = page.context.new_cdp_session(page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    path.write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    sys.exit(main())
