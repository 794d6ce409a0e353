"""The running summary as HTML: its text, its figures, what can be done to it, and the editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.domain.messages import Memory
from chat.domain.session_ids import Session
from chat.page import names
from chat.page.fragments.swaps import joined, render, swap
from chat.page.possible import possible
from chat.page.word_changes import Piece, is_rewritten
from chat.web.wording import translated


def panel(session: Session, memory: Memory, rewritten: Sequence[Piece] = ()) -> SafeString:
    """The running summary and its figures. Changes in ``rewritten`` are marked.

    A page that already shows this summary keeps its text, and one where it is being edited keeps the editor.
    """
    known = f'[{names.TAG}="{_tag(memory)}"]' if memory.summary_tag else ""
    stale = f"{names.SUMMARY}:not(:has({', '.join(filter(None, [names.SUMMARY_FORM, known]))}))"
    return _panel(session, memory, stale, rewritten)


def saved(session: Session, memory: Memory) -> SafeString:
    """The same in place of the editor."""
    return _panel(session, memory, names.SUMMARY, ())


def _panel(session: Session, memory: Memory, place: str, rewritten: Sequence[Piece]) -> SafeString:
    context = panel_context(session, memory)
    # Marking most of a text would say nothing: then the whole of it is marked as new.
    marks = {"pieces": rewritten} if not is_rewritten(rewritten) else {"is_new": True}
    return joined(
        swap(place, "innerHTML", render("_summary.html", **context, **marks)),
        swap(names.VERBS, "innerMorph", render("_verbs.html", **context)),
        swap(names.FIGURES, "innerMorph", render("_figures.html", **context)),
    )


def panel_context(session: Session, memory: Memory) -> dict[str, Any]:
    """The context of the panel's templates."""
    reason = translated(memory.window.reason or "")
    return {"session": session, "memory": memory, "able": possible(memory), "tag": _tag(memory), "reason": reason}


def _tag(memory: Memory) -> str:
    """The summary's tag as it is in an attribute: without quotes."""
    return (memory.summary_tag or "").replace('"', "")


def panel_notice(sentence: str) -> SafeString:
    """A sentence beside the summary, in place of the one beside the message box; "" removes it."""
    here = swap(names.MEMORY_NOTICE, "innerHTML", format_html("{}", sentence))
    return joined(here, swap(names.NOTICE, "innerHTML", ""))


def editor(session: Session, memory: Memory) -> SafeString:
    """A form with the summary's text, to be put behind it."""
    return render("_summary_form.html", session=session, context=memory.context or "", tag=memory.summary_tag or "")


def conflict(memory: Memory, pieces: Sequence[Piece]) -> SafeString:
    """In the editor: what saving would change in the summary as it is by now. The next attempt is about this one."""
    return joined(
        swap(names.SUMMARY_CONFLICT, "innerHTML", render("_summary_conflict.html", pieces=pieces)),
        swap(names.SUMMARY_TAG, "outerHTML", render("_summary_tag.html", tag=memory.summary_tag or "")),
    )
