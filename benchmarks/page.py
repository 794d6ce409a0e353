"""What a reader of the page sees, in real Chromium: the first token, frames while an answer grows, a long session.

    python -m benchmarks.page [--turns 30] [--json FILE]

*First token* is the time from the moment the model sends it to the moment the page shows it, painted; both clocks are
this machine's. *In a frontend* is the time until `static/chat/client.js` yields it to another page's script. *Frames*
are the intervals between animation frames while 100 tokens a second stream into a page that shows 200 messages. *Opens*
is the time from the navigation to a session of 1,000 messages until its text is painted and its socket is open, so that
it can be used; *shown whole* is what it takes to show all of them. The site has two workers; everything shares this
machine's cores. The benchmark only reports: its exit status is always 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Page

from benchmarks import stack
from benchmarks.loopback import machine
from benchmarks.turn import quantile
from tests.support.chromium import chromium
from tests.support.servers import REPOSITORY, Site, running, start_site

#: The model's seconds to its first token, and between tokens.
FIRST, PACE = 0.2, 0.01
#: The targets: milliseconds to the first token, milliseconds of a frame, the share of frames within them, milliseconds
#: until a session is open, and steps until all of it is shown.
FIRST_TOKEN, FRAME, SHARE, OPENS, STEPS = 30, 20, 0.95, 500, 6
#: Messages of the two sessions.
LONG, VERY_LONG = 200, 1000
#: Tokens of the answer that grows.
TOKENS = 800

NOTE_FIRST = r"""
    window.firsts = [];
    const now = () => performance.timeOrigin + performance.now();
    new MutationObserver(() => {
        const text = document.querySelector("#live .reply .text")?.textContent ?? "";
        const sent = /^@(\d+)@/.exec(text.trim())?.[1];
        if (!sent || firsts.at(-1)?.sent === sent) return;
        const first = { sent, inserted: now() };
        firsts.push(first);
        requestAnimationFrame(() => { // what follows the frame runs once it is painted
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { first.painted = now(); };
            port2.postMessage(null);
        });
    }).observe(document, { childList: true, characterData: true, subtree: true });
    document.addEventListener("htmx:after:ws:connection", () => { window.usable ??= performance.now(); });
"""

_COUNT_FRAMES = """
    window.frames_ = []; window.long = [];
    let last = performance.now();
    const frame = (at) => { frames_.push(at - last); last = at; requestAnimationFrame(frame); };
    requestAnimationFrame((at) => { last = at; requestAnimationFrame(frame); });
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: "longtask" });
"""

_ASK_BY_CLIENT = r"""async ([client, questions]) => {
    const { ChatClient } = await import(client);
    const chat = new ChatClient(location.origin);
    const firsts = [];
    for (const question of questions)
        for await (const { type, text } of chat.send("client", question)) {
            const sent = type === "text-delta" && /^@(\d+)@/.exec(text)?.[1];
            if (sent) firsts.push({ sent, yielded: performance.timeOrigin + performance.now() });
        }
    chat.close();
    return firsts;
}"""

_numbers = count(1)


def main() -> int:
    """Run the benchmark. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=30, help="first tokens to measure")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    print(machine())
    with sites() as site, chromium() as browser:
        page = browser.new_context(base_url=site.url).new_page()
        page.add_init_script(NOTE_FIRST)
        page.goto("/")
        figures = first_tokens(page, options.turns) | in_frontend(page, options.turns)
        figures |= frames(page, site) | opening(page, site)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


@contextmanager
def sites() -> Iterator[Site]:
    """The whole site with two workers, and a model that says when it sends its first token."""
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="page-")))
        model = up.enter_context(stack.python("benchmarks.token_model", folder / "model.log", FIRST, PACE))
        settings = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "none", "CHAT_TURNS_PER_MINUTE": "0"}
        yield up.enter_context(running(start_site(folder / "site", "--workers", "2", **settings)))


def ask(page: Page, tokens: int) -> None:
    """Ask for an answer of this many tokens, and wait until it is remembered."""
    name = f"Number {next(_numbers)}:"
    page.get_by_label("Message", exact=True).fill(f"{name} say so in {tokens} words")
    page.keyboard.press("Enter")
    page.locator("#window .message.human", has_text=name).wait_for(timeout=60_000)


def begin_session(page: Page) -> None:
    """Leave the session for another one."""
    page.get_by_role("link", name="New session").click()
    page.locator("#window .first-visit").wait_for()
    ask(page, 5)


def first_tokens(page: Page, turns: int) -> dict[str, Any]:
    """Milliseconds from the model to the page, inserted and painted."""
    for _ in range(turns):
        ask(page, 5)
    found = page.evaluate("firsts")[1:]  # the first loads what later ones have
    times = {kind: since_sent(found, kind) for kind in ("inserted", "painted")}
    for kind, values in times.items():
        show_first(kind, values)
    verdict("first token on screen, median", median(times["painted"]), FIRST_TOKEN, "ms")
    return {"first_token": times}


def in_frontend(page: Page, turns: int) -> dict[str, Any]:
    """Milliseconds from the model to `client.js`, which asks in a session of its own."""
    questions = [f"Number {number}: say so in 5 words" for number in range(turns)]
    collected = json.loads((REPOSITORY / "staticfiles" / "staticfiles.json").read_text())["paths"]
    client = f"/static/{collected['chat/client.js']}"
    times = since_sent(page.evaluate(_ASK_BY_CLIENT, [client, questions])[1:], "yielded")
    show_first("in a frontend", times)
    return {"in_frontend": times}


def since_sent(found: list[dict[str, Any]], kind: str) -> list[float]:
    """Milliseconds from when each token was sent to the moment that is its ``kind``."""
    ahead = time.time_ns() - time.monotonic_ns()  # of this machine's wall clock, which the page has
    return [one[kind] - (int(one["sent"]) + ahead) / 1e6 for one in found]


def show_first(what: str, times: list[float]) -> None:
    print(f"first token, {what}: p50 {median(times):.1f} ms, p99 {quantile(times, 0.99):.1f} ms, n {len(times)}")


def remember(site: Site, page: Page, messages: int) -> None:
    """Append messages to the page's session, until it has this many, and wait until they are folded."""
    session = page.locator("#session").get_attribute("data-session")
    address = f"{site.record()['memory']}/sessions/{session}/memory"
    texts = ["Where is the amplifier?", "It is behind the drums, **where Bob put it**.\n\n* drums\n* bass\n" * 2]
    with httpx.Client(trust_env=False, timeout=60) as client:
        window = client.get(address).json()
        have = len(window["messages"]) + window["window"]["folded"]
        for first in range(have, messages, 50):
            said = [
                {"role": "AI" if number % 2 else "Human", "content": f"{number}. {texts[number % 2]}"}
                for number in range(first, min(messages, first + 50))
            ]
            client.post(address, json={"messages": said}).raise_for_status()
        while len(client.get(address).json()["messages"]) > 12:
            time.sleep(0.1)


def show_all(page: Page) -> int:
    """Press the button until all messages are on the page. Returns how often."""
    steps = 0
    while (button := page.get_by_role("button", name="Show earlier messages")).count():
        before = page.locator("#earlier-list > .message").count()
        button.click()
        page.locator("#earlier-list > .message").nth(before).wait_for()
        page.wait_for_timeout(50)
        steps += 1
    return steps


def frames(page: Page, site: Site) -> dict[str, Any]:
    """Intervals between frames while an answer grows on a page of many messages."""
    begin_session(page)
    remember(site, page, LONG)
    page.reload()
    show_all(page)
    page.get_by_label("Message", exact=True).focus()
    page.evaluate(_COUNT_FRAMES)
    ask(page, TOKENS)
    found, long = page.evaluate("[frames_, long]")
    share = sum(one <= FRAME for one in found) / len(found)
    shown = page.locator("#log .message").count()
    print(
        f"frames with {shown} messages: {len(found)}, p50 {median(found):.1f} ms, p99 {quantile(found, 0.99):.1f} ms, "
        f"longest {max(found):.0f} ms; tasks over 50 ms: {len(long)}"
    )
    verdict(f"frames within {FRAME} ms, share", share, SHARE, "", most=False)
    return {"frames": found, "long_tasks": long}


def opening(page: Page, site: Site) -> dict[str, Any]:
    """Milliseconds until a very long session is painted and can be used, and the steps until all of it is shown."""
    begin_session(page)
    remember(site, page, VERY_LONG)
    times = []
    for _ in range(7):
        page.reload()
        page.locator("#window .message").last.wait_for()
        page.wait_for_timeout(1000)
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        times.append(max(painted, page.evaluate("window.usable")))
    started = time.monotonic()
    steps = show_all(page)
    shown = page.locator("#log .message").count()
    print(f"a session of {VERY_LONG} messages opens in p50 {median(times):.0f} ms, longest {max(times):.0f} ms")
    print(f"all {shown} messages are shown after {steps} steps, in {time.monotonic() - started:.1f} s together")
    verdict("opens, median", median(times), OPENS, "ms")
    verdict("steps until all are shown", steps, STEPS, "")
    return {"opens": times, "steps": steps}


def verdict(what: str, value: float, target: float, unit: str, *, most: bool = True) -> None:
    """Print whether a target is met."""
    met = value <= target if most else value >= target
    print(f"target: {what}: {value:.4g} {unit}".rstrip() + f", {'at most' if most else 'at least'} {target:g}: "
          f"{'met' if met else 'missed'}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
