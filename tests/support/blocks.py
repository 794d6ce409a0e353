"""Blocks of code in the documentation."""

from __future__ import annotations

import re

from tests.support.servers import REPOSITORY


def blocks(document: str, language: str) -> list[str]:
    """The contents of the blocks in ``language`` of a document in ``docs/``, in its order."""
    text = (REPOSITORY / "docs" / document).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
