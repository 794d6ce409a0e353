"""The running summary as HTML, its figures, and what can be done to it."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.domain.messages import Memory
from chat.domain.session_ids import Session
from chat.page import names
from chat.page.fragments.swaps import joined, render, swap
from chat.page.possible import possible


def panel(session: Session, memory: Memory) -> SafeString:
    """The running summary and its figures."""
    context = panel_context(session, memory)
    return joined(
        swap(names.SUMMARY, "innerMorph", render("_summary.html", **context)),
        swap(names.FIGURES, "innerMorph", render("_figures.html", **context)),
    )


def panel_context(session: Session, memory: Memory) -> dict[str, Any]:
    """The context of the panel's templates."""
    return {"session": session, "memory": memory, "able": possible(memory)}


def panel_notice(sentence: str) -> SafeString:
    """A sentence beside the summary, in place of the one beside the message box; "" removes it."""
    return joined(
        swap(names.MEMORY_NOTICE, "innerHTML", format_html("{}", sentence)), swap(names.NOTICE, "innerHTML", "")
    )
