"""The reason why a fold waits, as readers of the session see it."""

from __future__ import annotations

import pytest

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelError, ModelRejected, ModelUnavailable
from motorhead.folding.reasons import FoldReasons
from motorhead.store.keys import SessionKeys
from motorhead.store.store import Store
from redis_link.exceptions import StoreRefused
from redis_link.link import RedisLink
from tests.support.kit import keys_left, numbered

ID = b"s"
DOWN = ModelUnavailable("The summary model cannot be reached.")
REJECTED = ModelRejected("Look at the key.")


@pytest.fixture
def reasons(store: Store) -> FoldReasons:
    return FoldReasons(store, FoldSettings())


async def noted(store: Store) -> tuple[str | None, bool]:
    """The reason stored in the session, and whether the session is parked."""
    state = await store.state(ID)
    assert state is not None
    return state.reason, state.parked


@pytest.mark.parametrize(
    ("before", "error", "parked", "stays_parked", "after"),
    [
        (False, DOWN, False, False, False),
        (False, DOWN, True, False, True),
        (False, DOWN, False, True, False),
        (True, DOWN, False, False, False),
        (True, DOWN, False, True, True),
        (False, REJECTED, False, False, True),
    ],
)
async def test_a_reason_says_whether_the_session_is_parked(
    store: Store, reasons: FoldReasons, before: bool, error: ModelError, parked: bool, stays_parked: bool, after: bool
) -> None:
    """It is parked on request, if only a changed setting can help, or if it was parked and has to stay so."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    await reasons.note(ID, ModelUnavailable("Before."), parked=before)
    await reasons.note(ID, error, parked=parked, stays_parked=stays_parked)
    assert await noted(store) == (str(error), after)


async def test_only_a_fold_that_is_due_waits(store: Store, link: RedisLink, reasons: FoldReasons) -> None:
    """No reason is stored for a session that does not exist or is not due."""
    await reasons.note(ID, DOWN)
    assert await keys_left(link) == []
    await store.append(ID, numbered(0, 12), None, b"-", ())
    await reasons.note(ID, DOWN)
    assert await noted(store) == (None, False)


async def test_a_redis_that_takes_no_note_is_logged(
    store: Store, link: RedisLink, reasons: FoldReasons, caplog: pytest.LogCaptureFixture
) -> None:
    """The background only logs the error; ``note`` raises it."""
    await store.append(ID, numbered(0, 13), None, b"-", ())
    await link.execute("HSET", SessionKeys(ID).state, "fold_version", "x")
    await reasons.note_if_possible(ID, DOWN)
    assert "could not be stored" in caplog.text
    with pytest.raises(StoreRefused):
        await reasons.note(ID, DOWN)
