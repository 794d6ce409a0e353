"""The digest of a session in the admin's log. What is logged is tested through the admin."""

from __future__ import annotations

import pytest

from chat.web.audit import digest_of


@pytest.mark.parametrize("memory_id", ["owner.s1", "", "Möt 日本", "half a pair: \ud800"])
def test_any_id_has_a_digest(memory_id: str):
    """It fits into an entry, and does not contain the id."""
    digest = digest_of(memory_id)
    assert digest == digest_of(memory_id) != digest_of(memory_id + "x")
    assert len(digest) == 32
    assert digest.isalnum()
