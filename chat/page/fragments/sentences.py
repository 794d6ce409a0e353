"""Sentences on the page: beside the message box, above the messages, and for screen readers."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.page import names
from chat.page.fragments.swaps import swap


def notice(sentence: str, until: str = "") -> SafeString:
    """A sentence beside the message box, read out at once, until `clear_notice` or the user's next action."""
    return swap(names.NOTICE, "innerHTML", format_html('<p {}="{}">{}</p>', names.UNTIL, until, sentence))


def clear_notice(what: str) -> SafeString:
    """Removes the sentence that waits for ``what``."""
    return swap(f'{names.NOTICE} [{names.UNTIL}="{what}"]', "delete", "")


def outage(sentence: str) -> SafeString:
    """A sentence above the messages while something is away; "" removes it."""
    return swap(names.OUTAGE, "innerHTML", format_html("<p>{}</p>", sentence) if sentence else "")


def status(sentence: str) -> SafeString:
    """A sentence for screen readers."""
    return swap(names.STATUS, "textContent", sentence)
