"""The table of errors."""

from __future__ import annotations

from chat.api.v1.errors import ERRORS
from chat.domain.sentences import SENTENCES
from tests.support.documents import section
from tests.support.servers import REPOSITORY

GUIDE = (REPOSITORY / "docs" / "http-api.md").read_text()


def test_every_error_has_a_sentence():
    """Under the same code."""
    assert set(ERRORS) <= {key.partition(".")[0] for key in SENTENCES}


def test_the_errors_are_in_the_order_of_their_statuses():
    """As people look for them."""
    statuses = [kind.status for kind in ERRORS.values()]
    assert sorted(statuses) == statuses


def test_the_guide_lists_every_error():
    """With its statuses and its meaning."""
    rows = [line for line in section(GUIDE, "Errors").splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{code}` | {', '.join(map(str, kind.statuses))} | {kind.meaning} |" for code, kind in ERRORS.items()
    ]
