"""The dialog in which sessions are imported."""

from __future__ import annotations

from django.utils.safestring import SafeString

from chat.domain.exceptions import InvalidImport
from chat.domain.sentences import Situation
from chat.page.fragments.swaps import render
from chat.sessions.imports import LARGEST
from chat.web.wording import worded


def import_dialog() -> SafeString:
    """The dialog, closed. Its script opens it, sends the files and shows what became of them."""
    too_large = InvalidImport("too_large", size="{size}", limit=LARGEST // 2**20)
    return render("_import.html", largest=LARGEST, too_large=worded(too_large, Situation.LOOKING))
