"""Signed copies of exchanges: refused if forged, too old, or from another session; placed by their mark."""

from __future__ import annotations

import time
from dataclasses import asdict, replace

import pytest
from django.core.signing import TimestampSigner, b62_encode

from chat.domain.exceptions import InvalidRequest
from chat.domain.messages import STOPPED_MARK, Memory, Message, Role, Window
from chat.page.unsaved import LIFETIME, Unsaved, newest_mark, read_unsaved, sign_unsaved

COPY = Unsaved("owner.s", "t1", "hi im bob", "Hello Bob.", stopped=False, epoch="e", after="")
EXCHANGE = [Message(Role.HUMAN, "hi im bob", "7"), Message(Role.AI, "Hello Bob.", "8")]
EARLIER = [Message(Role.HUMAN, "one", "1"), Message(Role.AI, "two", "2")]
LATER = [Message(Role.HUMAN, "later", "9"), Message(Role.AI, "indeed", "10")]


class LongAgo(TimestampSigner):
    """Signs with a time slightly longer ago than the lifetime of a copy."""

    def timestamp(self) -> str:
        return b62_encode(int(time.time() - LIFETIME.total_seconds() - 10))


def memory(*messages: Message, folded: int = 0) -> Memory:
    return Memory(messages, None, 0, Window(12, folded))


def test_a_signed_copy_is_read_unchanged():
    """Reading returns what was signed."""
    assert read_unsaved(sign_unsaved(COPY), "owner.s") == COPY


def test_a_long_exchange_is_compressed():
    """A long reply does not double the size of the page."""
    assert len(sign_unsaved(replace(COPY, reply="the same words " * 1000))) < 1500


def test_a_changed_copy_is_refused():
    """A forged copy cannot put text into the memory."""
    signed = sign_unsaved(COPY)
    with pytest.raises(InvalidRequest, match="was changed, or was not made by this site"):
        read_unsaved(signed[:-2] + ("AA" if not signed.endswith("AA") else "BB"), "owner.s")


def test_a_copy_of_another_session_is_refused():
    """A copy is valid for its own session only."""
    with pytest.raises(InvalidRequest, match="belongs to another session"):
        read_unsaved(sign_unsaved(COPY), "somebody.s")


def test_a_copy_lives_for_a_day():
    """An older one is refused with a sentence."""
    signed = LongAgo(salt="chat.unsaved").sign_object(asdict(COPY), compress=True)
    with pytest.raises(InvalidRequest, match="older than a day"):
        read_unsaved(signed, "owner.s")


@pytest.mark.parametrize(
    ("after", "said", "folded", "late"),
    [
        ("", [], 0, False),
        ("", EXCHANGE, 0, False),  # saved already; the confirmation was lost
        ("", LATER, 0, True),
        ("", [*EXCHANGE, *LATER], 0, False),  # saved before the later turn
        ("2", EARLIER, 0, False),
        ("2", [*EARLIER, *EXCHANGE], 0, False),
        ("2", [*EARLIER, *LATER], 0, True),
        ("2", EARLIER[1:], 7, False),
        ("2", LATER, 9, True),  # folded since, together with a later turn
        (None, [*EARLIER, *LATER], 0, False),  # unknown: the idempotency key decides
    ],
)
def test_a_copy_is_too_late_when_something_else_was_said_since(after, said, folded, late):
    """The exchange itself does not count."""
    assert replace(COPY, after=after).is_too_late(memory(*said, folded=folded)) is late


@pytest.mark.parametrize(
    ("after", "said", "whole", "found"),
    [
        ("", EXCHANGE, True, True),
        ("", [*EXCHANGE, *LATER], True, True),
        ("", EXCHANGE, False, False),  # the same words, in an unknown place
        ("", [*LATER, *EXCHANGE], True, False),
        ("2", [*EARLIER, *EXCHANGE, *LATER], False, True),
        ("2", [*EARLIER, *LATER, *EXCHANGE], False, False),  # the same words elsewhere are another exchange
        ("2", [*EARLIER, EXCHANGE[0]], False, False),
        ("2", EXCHANGE, False, False),
        (None, EXCHANGE, True, False),
    ],
)
def test_an_exchange_is_remembered_when_it_follows_its_mark(after, said, whole, found):
    """Later messages do not matter."""
    assert replace(COPY, after=after).is_in(said, whole=whole) is found


def test_a_stopped_exchange_is_recognised_by_its_stop_mark():
    """A stopped reply is remembered with the mark at its end."""
    saved = [EXCHANGE[0], Message(Role.AI, "Hello Bob." + STOPPED_MARK, "8")]
    assert not replace(COPY, stopped=True).is_too_late(memory(*saved))
    assert replace(COPY, stopped=False).is_too_late(memory(*saved))


def test_without_ids_the_text_identifies_the_newest_message():
    """This covers the original Motörhead, which has no ids."""
    said = [Message(message.role, message.content) for message in EARLIER]
    copy = replace(COPY, after=newest_mark(memory(*said)))
    assert not copy.is_too_late(memory(*said))
    assert copy.is_too_late(memory(*said, Message(Role.HUMAN, "later")))


def test_an_empty_window_is_the_beginning_only_if_nothing_was_folded():
    """If everything was folded, the newest message is unknown."""
    assert newest_mark(memory()) == ""
    assert newest_mark(memory(folded=4)) is None
    assert newest_mark(memory(*EARLIER)) == "2"


def test_a_replacement_is_remembered_behind_what_it_replaces():
    """It stands behind the named message once it is remembered; while the old exchange stands, it is not too late."""
    copy = replace(COPY, after="4", replace_after="2")
    old = [Message(Role.HUMAN, "three", "3"), Message(Role.AI, "four", "4")]
    assert copy.is_in([*EARLIER, *EXCHANGE], whole=True)
    assert not copy.is_in([*EARLIER, *old], whole=True)
    assert not copy.is_too_late(memory(*EARLIER, *old))
    assert copy.is_too_late(memory(*EARLIER, *old, *LATER))
    assert replace(copy, replace_after="0").is_in(EXCHANGE, whole=True)
