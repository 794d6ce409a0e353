"""What is remembered in the end, compared with what people saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_client import ChatClient
from tests.support.machines.doors import WAIT
from tests.support.machines.model import marks_in
from tests.support.machines.people import SESSION, Person
from tests.support.machines.sites import Sites


@dataclass
class Ledger:
    """The result for all people. ``faults`` has a sentence for each thing that is wrong."""

    messages: int = 0
    folded: int = 0
    faults: list[str] = field(default_factory=list)


async def audit(people: Sequence[Person], sites: Sites) -> Ledger:
    """Read every session back, and compare."""
    ledger = Ledger()
    for person in people:
        async with ChatClient(sites.url, sites.token(person.name), patience=WAIT) as chat:
            texts = await _messages(chat)
            summary = await chat.session(SESSION).summary()
            versions = (await chat.session(SESSION).versions()).versions
        ledger.messages += len(texts)
        ledger.folded += summary.folded
        found = [*_wrong_with_messages(person, texts), *_wrong_with_summary(texts[: summary.folded], summary.text)]
        ranges = [version.folded for version in reversed(versions) if version.folded]
        if sum(part.count for part in ranges) != summary.folded:
            found.append(f"its versions took in {ranges}, not {summary.folded} messages")
        ledger.faults += [f"{person.name}: {fault}" for fault in found]
    return ledger


async def _messages(chat: ChatClient) -> list[str]:
    """The texts of all remembered messages, oldest first. The question of a turn that failed is not one."""
    texts: list[str] = []
    before: str | None = None
    while True:
        page = await chat.session(SESSION).messages(before=before, limit=200)
        texts = [message.text for message in page.messages if message.metadata.number] + texts
        if (before := page.before) is None:
            return texts


def _wrong_with_messages(person: Person, texts: Sequence[str]) -> list[str]:
    found: list[str] = []
    if len(set(texts)) != len(texts):
        found.append(f"something is there twice: {texts}")
    kept = list(zip(texts[::2], texts[1::2], strict=False))
    expected = [pair for pair in kept if pair not in person.unsure]
    if len(texts) % 2 or expected != person.remembered:
        lost = [pair for pair in person.remembered if pair not in kept]
        more = [pair for pair in expected if pair not in person.remembered]
        order = "" if lost or more else ", and the order is another one"
        found.append(f"{len(lost)} lost {lost}, {len(more)} too many {more}{order}")
    return found


def _wrong_with_summary(folded: Sequence[str], summary: str | None) -> list[str]:
    expected, actual = marks_in(folded), marks_in([summary or ""])
    if expected == actual:
        return []
    return [f"its summary has {actual}, not {expected}"]
