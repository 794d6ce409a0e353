"""Sentences on the page: beside the message box, above the messages, and for those who listen."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.page import names
from chat.page.fragments.swaps import swap


def notice(sentence: str, until: str = "") -> SafeString:
    """A sentence beside the message box, read out at once. It stands until `clear_notice`, or the user's next step."""
    return swap(names.NOTICE, "innerHTML", format_html('<p {}="{}">{}</p>', names.UNTIL, until, sentence))


def clear_notice(what: str) -> SafeString:
    """Without the sentence that waited for this."""
    return swap(f'{names.NOTICE} [{names.UNTIL}="{what}"]', "delete", "")


def outage(sentence: str) -> SafeString:
    """A sentence above the messages, for as long as something is away; "" takes it away."""
    return swap(names.OUTAGE, "innerHTML", format_html("<p>{}</p>", sentence) if sentence else "")


def status(sentence: str) -> SafeString:
    """A sentence for those who listen instead of looking."""
    return swap(names.STATUS, "textContent", sentence)
