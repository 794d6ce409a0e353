"""The mark in a summary for messages that could not be summarised. Their texts stay among the session's messages."""

from __future__ import annotations

import re

MARK = "(Not summarised, because the summary model refuses the text: {count} message{plural}.)"
AT_END = re.compile(r"\s*\(Not summarised, because the summary model refuses the text: (\d{1,9}) messages?\.\)\s*\Z")


def marked(context: str | None) -> str:
    """``context`` with a mark for one more message at its end."""
    before, count = context or "", 0
    if found := AT_END.search(before):
        before, count = before[: found.start()], int(found[1])
    mark = MARK.format(count=count + 1, plural="s" * (count > 0))
    return f"{before.rstrip()}\n\n{mark}".lstrip()
