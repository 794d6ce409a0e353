"""Page numbers in addresses."""

from __future__ import annotations

#: More than anybody needs. Python refuses to parse numbers of thousands of digits.
LAST_PAGE = 99_999_999


def page_number(written: str, last: int = LAST_PAGE) -> int | None:
    """The page ``written`` in an address, from 1 to ``last``; None for anything else."""
    if not (written.isascii() and written.isdigit() and len(written) <= len(str(last))):
        return None
    return int(written) if 1 <= int(written) <= last else None
