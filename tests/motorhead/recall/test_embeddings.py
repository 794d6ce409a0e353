"""What is asked of the embedding model, and what its answers become."""

from __future__ import annotations

import pytest

from motorhead.exceptions import ModelUnavailable
from motorhead.recall.embeddings import _decode, unit_vectors


def test_vectors_without_numbers_are_refused() -> None:
    """An answer whose vectors are empty is none: a session would be indexed by it for ever."""
    with pytest.raises(ModelUnavailable, match="without a number"):
        _decode(b'{"data":[{"embedding":[]},{"embedding":[]}]}', 2)


def test_vectors_of_any_size_have_a_direction() -> None:
    """Numbers beyond what is stored are scaled, not lost."""
    large, small, one, none = unit_vectors([[1e300, 1e300], [1e-300, 1e-300], [1, 1], [0, 0]])
    assert large == small == one
    assert none == bytes(4)
