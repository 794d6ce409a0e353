"""The commands ``import`` and ``fsck``: their output and exit status."""

from __future__ import annotations

import sys

import pytest

from motorhead.config import Settings
from motorhead.store.keys import SessionKeys
from motorhead.store.store import Store
from motorhead.tools.commands import WIDTH, examine, show_progress, take_over
from redis_link.link import RedisLink
from tests.support.kit import numbered


async def test_examining_ends_with_a_count(
    store: Store, link: RedisLink, redis_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """``fsck`` prints a sentence for each finding, and its status is 1 while damage is left."""
    await store.append(b"s", numbered(0, 2), None, b"-", ())
    await link.execute("HSET", SessionKeys(b"s").state, "last", 1)
    ends = []
    for mend in (False, True, False):
        status = await examine(Settings(redis_url=redis_url), mend=mend)
        ends.append((status, capsys.readouterr().out.splitlines()[-1]))
    assert ends == [
        (1, "1 sessions, 2 findings, 2 left."),
        (0, "1 sessions, 2 findings, 0 left."),
        (0, "1 sessions, 0 findings, 0 left."),
    ]


@pytest.mark.parametrize(("key", "status"), [("context:good", 0), ("session:webapp", 1)])
async def test_an_import_reports_what_was_left_out(
    link: RedisLink, redis_url: str, capsys: pytest.CaptureFixture[str], key: str, status: int
) -> None:
    """The status is 1 if anything was left out, and a sentence names it."""
    await link.execute("SET", key, "So far.")
    assert await take_over(Settings(redis_url=redis_url), redis_url, again=False) == status
    assert ("'session:webapp'" in capsys.readouterr().out) is bool(status)


def test_progress_is_a_line_at_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal there are few lines of progress."""
    for done in range(101):
        show_progress(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"{done}/100 sessions" for done in range(0, 101, 10)]


def test_progress_is_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is redrawn in place and ends with a newline."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for done in (0, 1, 2):
        show_progress(done, 2)
    bars = capsys.readouterr().err.split("\r")[1:]
    assert [bar.count("█") for bar in bars] == [0, WIDTH // 2, WIDTH]
    assert bars[-1].endswith("2/2 sessions\n")
