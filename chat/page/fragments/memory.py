"""The messages of a session as HTML: those of its window, and the folded ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from django.utils.safestring import SafeString

from chat.domain.messages import Memory, Message, MessagePage
from chat.domain.session_ids import Session
from chat.page import names
from chat.page.bubbles import Bubble, bubbles_of, portions
from chat.page.first_visit import FirstVisit, first_visit
from chat.page.fragments.swaps import joined, render, swap

#: Earlier messages that the button loads from the second time on: so a thousand are shown in a handful of steps.
MANY = 200


def messages(said: Sequence[Message], *, staff: bool = False) -> SafeString:
    """List items, one per message; ``staff`` can only read them."""
    return _items(bubbles_of(said), staff=staff)


def window_items(memory: Memory, *, staff: bool = False) -> SafeString:
    """The messages of the window as list items; if nothing has been said in the session, one that says what to try."""
    return _window_items(bubbles_of(memory.messages), memory, staff=staff)


def window(memory: Memory) -> list[SafeString]:
    """Swaps that replace the messages of the window."""
    first, *rest = portions(bubbles_of(memory.messages))
    items = _window_items(first, memory)
    return [swap(names.WINDOW, "innerMorph", items), *_appended(names.WINDOW, rest)]


def window_step(gone: Iterable[str], new: Sequence[Message]) -> list[SafeString]:
    """Swaps that remove the messages with the ids ``gone`` from the window and append the ``new`` ones."""
    swaps = [swap(f"{names.WINDOW} {names.MESSAGE_OF.format(message_id)}", "delete", "") for message_id in gone]
    return [*swaps, *_appended(names.WINDOW, portions(bubbles_of(new)))] if new else swaps


def _appended(place: str, stretches: Iterable[Sequence[Bubble]]) -> list[SafeString]:
    return [swap(place, "beforeend", _items(bubbles)) for bubbles in stretches]


def _window_items(bubbles: Sequence[Bubble], memory: Memory, *, staff: bool = False) -> SafeString:
    begun = bool(memory.window.folded)
    return _items(bubbles, begun=begun, staff=staff, visit=None if begun or staff else first_visit(memory))


def _items(
    bubbles: Sequence[Bubble], *, begun: bool = False, staff: bool = False, visit: FirstVisit | None = None
) -> SafeString:
    return render("_messages.html", bubbles=bubbles, begun=begun, staff=staff, acts=not staff, visit=visit)


def earlier_unless_shown(session: Session, memory: Memory) -> SafeString:
    """The collapsed section of folded messages; a page already showing this fold keeps its own, open or not."""
    mark = f'{names.FOLD_MARK}[{names.FOLDED}="{memory.window.folded}"]'
    stale = f"{names.EARLIER}:not(:has({mark}))"
    return swap(stale, "outerHTML", earlier(session, memory))


def earlier(session: Session, memory: Memory, *, staff: bool = False) -> SafeString:
    """The collapsed section above the window: a button for folded messages, if there are any."""
    before = memory.messages[0].id if memory.messages else None
    more = bool(memory.window.folded) and (before is not None or not memory.messages)
    # A long message can be folded as soon as it is remembered. Then the window is empty, and the newest are above it.
    button = _earlier_button(session, before, staff, at_once=not memory.messages) if more else ""
    return render("_earlier.html", button=button, folded=memory.window.folded)


def newly_folded(memory: Memory, said: Sequence[Message]) -> list[SafeString]:
    """Swaps that keep ``said``, which was folded out of the window, visible above it."""
    mark = render("_fold_mark.html", folded=memory.window.folded)
    moved = _appended(names.EARLIER_LIST, portions(bubbles_of(said))) if said else []
    return [*moved, swap(names.FOLD_MARK, "outerHTML", mark)]


def earlier_page(session: Session, page: MessagePage, *, staff: bool = False) -> SafeString:
    """A page of folded messages, and the button for the page before it, which is a large one."""
    button = _earlier_button(session, page.before, staff, many=True) if page.before else ""
    return joined(messages(page.messages, staff=staff), swap(names.EARLIER_MORE, "innerHTML", button))


def _earlier_button(
    session: Session, before: str | None, staff: bool, *, at_once: bool = False, many: bool = False
) -> SafeString:
    cursor = {"before": before or ""} | ({"id": session.memory_id} if staff else {})
    if many and (before or "").isdecimal():
        cursor["through"] = str(max(1, int(before or "") - MANY))
    return render("_earlier_button.html", session=session, cursor=json.dumps(cursor), staff=staff, at_once=at_once)
