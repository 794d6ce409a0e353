"""A tab in trouble: its socket is cut or falls silent, it is hidden and frozen, or its worker is killed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx
import redis
from playwright.sync_api import CDPSession, Page, expect

from chat.domain.messages import STOPPED_MARK
from chat.runs.keys import ACTIVE
from tests.browser.acts import HIDE, SHOW, box, live, memory_id, outbox, send
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply, Request, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site
from tests.support.silent_line import SilentLine
from tests.support.waiting import until

#: What may change on its way to a page, into it, or out of it.
NASTY = (
    "Hé 👩‍👩‍👧 🎸  \r\n\r\n```py\r\nprint('<script>window.ran=1</script>')  \r\n```\r\n\r\n"
    "שלום, עולם! <script>window.ran=2</script> & &amp; trailing   \n\n\t* *item*\r\n\n~~~\nopen \n\n"
)
#: What a message box makes of it.
TYPED = NASTY.replace("\r\n", "\n")
HALF = NASTY[: len(NASTY) // 4 * 2]
#: The last word of that.
SEEN = "שלום,"
SUMMARY = "Bob 🎸 counts.\nשלום <b>&amp;</b>  \nTrailing"

#: The source of each message on the page, as *Copy* gives it.
_SOURCES = """() => [...document.querySelectorAll(":is(#earlier-list, #window) .message")].map((message) =>
    message.getAttribute("data-source") ?? message.querySelector(".text").textContent)"""
#: The summary on the page, without what is marked as removed.
_SUMMARY = """() => {
    const summary = document.querySelector("#memory .summary")?.cloneNode(true);
    for (const removed of summary?.querySelectorAll("del") ?? []) removed.remove();
    return summary?.textContent;
}"""


@dataclass
class Tab:
    """A page behind a line of its own, and the answers of the model to it."""

    page: Page
    site: Site
    model: ScriptedOpenAI
    line: SilentLine
    devtools: CDPSession
    #: Those of the answers in progress: each stops in the middle.
    gates: list[Gate] = field(default_factory=list)
    #: Whether answers do not stop any more.
    is_ending: bool = False
    #: Answers by their questions; to others the model repeats the question.
    answers: dict[str, str] = field(default_factory=dict)

    def open(self, *said: str, summary: str | None = None) -> None:
        """Show a new visitor's session in which this was said, a question first, and its summary.

        Every later change has to come without a reload.
        """
        self.answers = {}
        self.page.context.clear_cookies()
        self.page.goto("/")
        if said:
            append(self, *said, summary=summary)
            self.page.reload()
        self.page.evaluate("window.sameDocument = true")
        expect(self.page.locator("#connection")).to_have_text("")
        expect_told(self, *said)

    def begin(self, act: Callable[[], Any] | None = None, question: str = TYPED) -> None:
        """Do what has the question answered, such as to send it, and return when half of the answer is on the page."""
        self.gates, self.is_ending, self.answers[question] = [], False, NASTY
        if act:
            act()
        else:
            send(self.page, question)
        expect(live(self.page).locator(".reply .text")).to_contain_text(SEEN)

    def answer(self, request: Request) -> Reply:
        """The model's answer, in pieces that part what belongs together."""
        if not asked_to_chat(request):
            return Reply(SUMMARY)
        text = self.answers.get(request.text, f"You said: {request.text}")
        pieces = [text[at : at + 2] for at in range(0, len(text), 2)]
        self.gates.append(Gate())
        if self.is_ending:
            self.gates[-1].release()
        return Reply(pieces, gate=self.gates[-1], gate_at=len(pieces) // 2)

    def end_answer(self) -> None:
        """Let all answers end, and return once nothing is being answered."""
        self.is_ending = True
        for gate in self.gates:
            gate.release()
        with redis.Redis.from_url(self.site.record()["redis"]) as client:
            until(lambda: not client.zcard(ACTIVE), 20)


def ask_memory(tab: Tab, method: str, path: str, **options: Any) -> Any:
    """The memory server's answer about the open session."""
    session = memory_id(tab.page)
    address = f"{tab.site.record()['memory']}/sessions/{session}/{path}?namespace=chat.{session.split('.')[0]}"
    answer = httpx.request(method, address, trust_env=False, **options)
    answer.raise_for_status()
    return answer.json()


def append(tab: Tab, *said: str, summary: str | None) -> None:
    """Append messages to the open session, and perhaps set its summary, as another client."""
    messages = [{"role": "AI" if at % 2 else "Human", "content": text} for at, text in enumerate(said)]
    ask_memory(tab, "POST", "memory", json={"messages": messages} | ({"context": summary} if summary else {}))


def remembered(tab: Tab) -> list[str]:
    """All that was said in the open session, oldest first, without the marks of stopped answers."""
    messages = ask_memory(tab, "GET", "messages")["messages"]
    return [message["content"].removesuffix(STOPPED_MARK) for message in reversed(messages)]


def expect_summary(tab: Tab, text: str) -> None:
    """This summary is on the page and remembered."""
    deadline = monotonic() + 20 * PATIENCE
    while (shown := tab.page.evaluate(_SUMMARY)) != text and monotonic() < deadline:
        tab.page.wait_for_timeout(20)
    assert shown == text
    assert ask_memory(tab, "GET", "memory")["context"] == text


def expect_told(tab: Tab, *texts: str) -> None:
    """These texts, and no others, are on the page and remembered, character for character, without a reload."""
    page, deadline = tab.page, monotonic() + 20 * PATIENCE
    while (shown := page.evaluate(_SOURCES)) != list(texts) and monotonic() < deadline:
        page.wait_for_timeout(20)
    assert shown == list(texts)
    assert remembered(tab) == list(texts)
    for place in (live(page), outbox(page), page.locator("#queue")):
        expect(place).to_have_text("")
    expect(page.locator("#connection")).to_have_text("")
    expect(box(page)).to_have_value("")
    assert page.evaluate("[window.sameDocument, window.ran]") == [True, None]


class Trouble:
    """A block in which the page is in trouble. At its end the answer ends, unless it is to stay ``unfinished``."""

    def __init__(self, tab: Tab, *, unfinished: bool = False) -> None:
        self.tab = tab
        self.unfinished = unfinished

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if kind is None:
            self.end()

    def begin(self) -> None:
        """Before the person does something."""

    def wait_for_half(self) -> None:
        """Return once half of the answer is on the page, though it may be an answer begun again."""

    def end(self) -> None:
        """After that."""
        if not self.unfinished:
            self.tab.end_answer()


class Cut(Trouble):
    """The tab's socket breaks."""

    def begin(self) -> None:
        """Cut it."""
        self.tab.line.cut_sockets()


class Silenced(Trouble):
    """The tab's socket stays open, but carries nothing."""

    def begin(self) -> None:
        """Silence it."""
        self.tab.line.silence(only_sockets=True)

    def end(self) -> None:
        """Let the seconds pass after which the page replaces it."""
        super().end()
        self.tab.page.clock.run_for(8_000)


class Hidden(Trouble):
    """The tab is hidden at once after something was done, and no script of it runs until it is shown again."""

    def end(self) -> None:
        """Hide, freeze and show it."""
        self.tab.page.evaluate(HIDE)
        self.freeze()
        super().end()
        self.tab.devtools.send("Debugger.resume")
        self.tab.page.evaluate(SHOW)

    def freeze(self) -> None:
        """Have the next script stop, and wait for that."""
        frozen: list[object] = []
        self.tab.devtools.once("Debugger.paused", lambda event: frozen.append(event))  # noqa: PLW0108 - Playwright marks it
        self.tab.page.evaluate("setTimeout(() => {}, 100)")
        self.tab.devtools.send("Debugger.pause")
        while not frozen:
            self.tab.page.wait_for_timeout(20)  # Playwright dispatches events meanwhile


class Killed(Trouble):
    """The worker that answers dies, or has answered last; it holds the socket, too."""

    def begin(self) -> None:
        """Kill it."""
        served = self.tab.page.locator("#served")
        expect(served).to_have_text(re.compile(r"web\.\d"))
        self.name = served.inner_text().split(",")[0].rpartition(":")[2]
        self.pid = self.tab.site.kill_child(self.name)

    def wait_for_half(self) -> None:
        """Wait for the other worker."""
        until(lambda: len(self.tab.gates) > 1, 20)
        self.tab.gates[1].wait_until_reached()
        expect(self.tab.page.locator("#served")).not_to_contain_text(f":{self.name},")
        expect(live(self.tab.page).locator(".reply .text")).to_contain_text(SEEN)

    def end(self) -> None:
        """Have two workers again."""
        super().end()
        self.tab.site.wait_for_new(self.name, self.pid)


TROUBLES = [Cut, Silenced, Hidden, Killed]
