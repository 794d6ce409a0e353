"""The usage that a model reports: sensible counts are accepted, and nothing else harms a session."""

from __future__ import annotations

import msgspec
import pytest

from motorhead.usage import MOST_TOKENS, spent


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ('{"prompt_tokens": 12}', 12), ('{"prompt_tokens": 12.0}', 12), ('{"prompt_tokens": 0}', 0),
        (f'{{"prompt_tokens": {MOST_TOKENS}}}', MOST_TOKENS), (f'{{"prompt_tokens": {MOST_TOKENS + 1}}}', 0),
        ('{"prompt_tokens": -10}', 0), ('{"prompt_tokens": 1.5}', 0), ('{"prompt_tokens": true}', 0),
        ('{"prompt_tokens": "7"}', 0), ('{"prompt_tokens": null}', 0),
        ('{"prompt_tokens": 10000000000000000000000000}', 0), ("{}", 0), ("null", 0), ("[]", 0), ('"12"', 0), ("12", 0),
    ],
)  # fmt: skip
def test_only_sensible_counts_are_taken(usage: str, tokens: int) -> None:
    """Any other value counts as 0 and raises nothing."""
    assert spent(msgspec.json.decode(usage), "prompt_tokens") == tokens
