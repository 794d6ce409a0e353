"""What the model saw as HTML: its prompt, part by part, with the time that each step took."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from chat.domain.prompts import PartKind, PromptPart, PromptRecord, SentPrompt, messages_of
from chat.page.bars import PARTS, prompt_bar, time_bar
from chat.page.fragments.swaps import render
from chat.web.wording import grouped

#: The most characters of a text that are shown before it is opened.
SHORT = 1500


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of a prompt as it is shown. ``more`` is the number of characters that were not kept ("": none)."""

    kind: str
    label: str
    role: str
    tokens: str
    lead: str
    text: str
    is_short: bool
    more: str


def seen(record: PromptRecord) -> SafeString:
    """The prompt and the circumstances of its turn."""
    sent = record.sent
    return render(
        "_seen.html",
        sent=sent,
        # The stand-in answers whatever model it is asked for.
        model=gettext("the stand-in") if settings.CHAT_PUBLIC_STANDIN_URL else sent.model,
        end=record.end if record.ended_elsewhere else None,
        bars=[prompt_bar(_tokens_by_kind(sent.parts), sent.budget), time_bar(record)],
        parts=[_shown(part) for part in sent.parts],
        source=_source(sent),
    )


def seen_no_more(sentence: str) -> SafeString:
    """A sentence in the place of a prompt."""
    return render("_seen.html", sentence=sentence)


def _shown(part: PromptPart) -> ShownPart:
    return ShownPart(
        part.kind.value,
        gettext(PARTS[part.kind][0]),
        part.role,
        grouped(part.tokens),
        part.lead.strip(),
        part.text,
        len(part.text) <= SHORT,
        grouped(part.cut) if part.cut else "",
    )


def _tokens_by_kind(parts: Sequence[PromptPart]) -> dict[str, int]:
    return {kind.value: tokens for kind in PartKind if (tokens := sum(p.tokens for p in parts if p.kind is kind))}


def _source(sent: SentPrompt) -> str:
    """The messages as JSON, as they were sent; "" if some of their text was not kept."""
    if any(part.cut for part in sent.parts):
        return ""
    messages = [{"role": role, "content": text} for role, text in messages_of(sent.parts)]
    return json.dumps(messages, ensure_ascii=False, indent=2)
