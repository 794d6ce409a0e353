"""Pages of lists, as addresses name them."""

from __future__ import annotations

#: Nobody turns so many pages; Python refuses to read numbers of thousands of digits at all.
LAST_PAGE = 99_999_999


def page_number(written: str, last: int = LAST_PAGE) -> int | None:
    """The page, from 1 to ``last``, that is ``written`` in an address; None for what is no such page."""
    if not (written.isascii() and written.isdigit() and len(written) <= len(str(last))):
        return None
    return int(written) if 1 <= int(written) <= last else None
