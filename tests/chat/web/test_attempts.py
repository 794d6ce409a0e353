"""Attempts to sign in. Their limits are tested on a whole site, in ``tests/system/test_limits.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from django.test import AsyncRequestFactory, override_settings

from chat.domain.exceptions import RunLogUnreachable, TooManyLogins
from chat.grants.logins import LoginLimiter
from chat.runs.store import Store
from chat.web import attempts
from chat.web.attempts import attempt_of, begin_attempt, digest_of_name, note_failure, succeed
from tests.support.links import process
from tests.support.servers import free_port


@pytest.fixture(autouse=True)
async def store(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """The store of a site on which a name may fail twice."""
    async with process(redis_url) as worker:
        logins = LoginLimiter(worker.store, per_name=2, per_address=0)
        monkeypatch.setattr(attempts, "components", lambda: SimpleNamespace(grants=SimpleNamespace(logins=logins)))
        yield worker.store


async def test_a_name_cannot_be_guessed_from_its_digest():
    """It depends on the site's key, and not on the case in which the name is written."""
    digest = digest_of_name("root")
    assert digest == digest_of_name("Root") != digest_of_name("toor")
    with override_settings(SECRET_KEY="the key of another site"):
        assert digest_of_name("root") != digest


async def test_failures_are_counted_until_one_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    """Those of a name, whatever the address; the log has no name."""
    attempt = attempt_of(AsyncRequestFactory().get("/"), "margaret")
    for _ in range(2):
        await begin_attempt(attempt)
        note_failure(attempt)
    with pytest.raises(TooManyLogins):
        await begin_attempt(attempt_of(None, "Margaret"))
    await succeed(attempt)
    await begin_attempt(attempt)
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(":")[0] for line in said] == [
        *["A sign-in failed"] * 2,
        "A sign-in was refused (too_many_logins)",
    ]
    assert "margaret" not in "".join(said).casefold()


async def test_without_redis_nobody_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempts could not be counted. Someone who got in before the outage stays in."""
    async with process(f"redis://127.0.0.1:{free_port()}") as away:
        logins = LoginLimiter(away.store, 2, 0)
        monkeypatch.setattr(attempts, "components", lambda: SimpleNamespace(grants=SimpleNamespace(logins=logins)))
        with pytest.raises(RunLogUnreachable):
            await begin_attempt(attempt_of(None, "margaret"))
        await succeed(attempt_of(None, "margaret"))
