"""Pieces of the page: pure functions from events and memory to HTML, shared by the views and the websocket."""

from __future__ import annotations

from chat.page.fragments.found import found, nothing_found
from chat.page.fragments.imports import import_dialog
from chat.page.fragments.memory import (
    earlier,
    earlier_page,
    earlier_unless_shown,
    messages,
    newly_folded,
    window,
    window_items,
    window_step,
)
from chat.page.fragments.seen import seen, seen_no_more
from chat.page.fragments.sentences import clear_notice, notice, outage, status
from chat.page.fragments.session_list import (
    MOST_PAGES,
    NEW_SESSION,
    SESSIONS_A_PAGE,
    session_items,
    session_root,
    sessions,
    title_in,
)
from chat.page.fragments.shares import share_contents, share_dialog, share_notice
from chat.page.fragments.summary import conflict, editor, panel, panel_context, panel_notice, saved
from chat.page.fragments.swaps import LARGEST_FRAME, frame, frames, joined, swap
from chat.page.fragments.turns import (
    clear_all_live,
    clear_growing,
    clear_live,
    clear_stop,
    failed,
    prompt,
    remembered,
    served,
    started,
    text,
    thought_for,
    thoughts,
    unsaved,
    unsaved_notice,
)
from chat.page.fragments.versions import instructions, instructions_saved, version_changes, versions

__all__ = [
    "LARGEST_FRAME", "MOST_PAGES", "NEW_SESSION", "SESSIONS_A_PAGE", "clear_all_live", "clear_growing",
    "clear_live", "clear_notice", "clear_stop", "conflict", "earlier", "earlier_page", "earlier_unless_shown",
    "editor", "failed", "found", "frame", "frames", "import_dialog", "instructions", "instructions_saved", "joined",
    "messages", "newly_folded", "nothing_found", "notice", "outage", "panel", "panel_context", "panel_notice", "prompt",
    "remembered", "saved", "seen", "seen_no_more", "served", "session_items", "session_root", "sessions",
    "share_contents", "share_dialog", "share_notice", "started",
    "status", "swap", "text", "thought_for", "thoughts", "title_in", "unsaved", "unsaved_notice", "version_changes",
    "versions", "window", "window_items", "window_step",
]  # fmt: skip
