"""The dialog in which sessions are imported."""

from __future__ import annotations

from chat.page.fragments import import_dialog
from chat.sessions.imports import LARGEST
from tests.support.html import parse


def test_the_dialog_knows_where_to_send_and_how_much() -> None:
    """Its script says which file is too large before it is sent."""
    (dialog,) = parse(import_dialog()).all("dialog")
    assert dialog.attributes["data-limit"] == str(LARGEST)
    assert "{size} MB; at most 32 MB" in dialog.attributes["data-too-long"]
    assert dialog.attributes["data-list"] == "/sessions?page=1"
