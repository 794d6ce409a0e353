"""How many examples Hypothesis tries where each is expensive."""

from __future__ import annotations

import os
from math import ceil

#: A factor for such examples: 1 in the whole suite, more for a thorough search.
THOROUGHNESS = float(os.environ.get("TEST_EXAMPLES", "1"))


def examples(count: int) -> int:
    """``count`` times the factor, at least 1."""
    return max(1, ceil(count * THOROUGHNESS))
