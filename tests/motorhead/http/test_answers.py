"""Memory answers, and the ETags that identify them."""

from __future__ import annotations

from itertools import combinations

import msgspec

from motorhead.config import FoldSettings
from motorhead.http.answers import Answers
from motorhead.store.state import State

#: Ten messages of 400 tokens above the watermark, none below it.
STATE = State("e" * 16, 10, 0, 1, 0, "So far.", 5, None, None, False, 400, 0, 1)
SETTINGS = [
    (FoldSettings(enabled=enabled, window_size=size, window_tokens=tokens), has_model)
    for has_model in (True, False)
    for enabled in (True, False)
    for size in (1, 12)
    for tokens in (0, 11, 300)
]
#: Changes to a session's state, each of which changes the answer.
CHANGES: list[dict[str, object]] = [
    {}, {"epoch": "f" * 16}, {"last": 11}, {"folded": 2}, {"context_version": 2, "context": "Edited."},
    {"fold_version": 1, "reason": "Down."}, {"fold_version": 2, "kept_from": 3},
]  # fmt: skip


def test_settings_that_change_the_answer_change_its_tag() -> None:
    """No two configurations give different answers under the same tag."""
    answers = [Answers(fold, has_model) for fold, has_model in SETTINGS]
    seen = [(answer.etag(STATE), answer.memory(STATE, []).body) for answer in answers]
    for (tag, body), (other_tag, other_body) in combinations(seen, 2):
        assert body == other_body or tag != other_tag
    assert len({body for _, body in seen}) > 5


def test_whatever_changes_in_a_session_changes_its_tag() -> None:
    """Every state of a session has its own tag."""
    answers = Answers(FoldSettings(), has_model=True)
    tags = [answers.etag(msgspec.structs.replace(STATE, **change)) for change in CHANGES]
    assert len(set(tags)) == len(tags)
