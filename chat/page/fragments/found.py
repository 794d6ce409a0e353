"""What a search has found, as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from chat.domain.details import Match, MatchPage
from chat.domain.messages import Message
from chat.domain.session_ids import Session, any_session
from chat.page.fragments.session_list import session_root
from chat.page.fragments.swaps import render

#: A text in pieces, each with whether the words are in it.
Pieces: TypeAlias = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A match as it is shown: ``kind`` says where it is."""

    kind: str
    pieces: Pieces
    message_id: str | None


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session with its matches, except that in its title."""

    session: Session
    title: Pieces
    hits: Sequence[Hit]


def found(page: MatchPage, words: str, *, more: bool = False) -> SafeString:
    """List items, one per session, and a button to search on. ``more``: they follow others."""
    sessions = [_session(memory_id, list(matches)) for memory_id, matches in groupby(page.matches, _memory_id)]
    return render("_found.html", sessions=sessions, cursor=page.cursor, words=words, more=more, root=session_root())


def nothing_found(reason: str) -> SafeString:
    """A list item that says why there are no matches."""
    return render("_found.html", reason=reason)


def _memory_id(match: Match) -> str:
    return match.memory_id


def _session(memory_id: str, matches: Sequence[Match]) -> FoundSession:
    session = any_session(memory_id)
    titles = [tuple(pieces(match)) for match in matches if match.where == "title"]
    hits = [Hit(_kind(match), tuple(pieces(match)), match.message_id) for match in matches if match.where != "title"]
    return FoundSession(session, titles[0] if titles else ((matches[0].title or session.id, False),), hits)


def _kind(match: Match) -> str:
    if match.where == "summary":
        return gettext("Summary")
    return gettext("Reply") if Message(match.role or "", "").is_reply else gettext("You")


def pieces(match: Match) -> Iterator[tuple[str, bool]]:
    """The text of the match in pieces, each with whether the words are in it."""
    at = 0
    for begin, end in match.marks:
        yield from ((text, marked) for text, marked in ((match.excerpt[at:begin], False),
                                                        (match.excerpt[begin:end], True)) if text)  # fmt: skip
        at = end
    if at < len(match.excerpt):
        yield match.excerpt[at:], False
