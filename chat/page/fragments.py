"""Events and memory as pieces of the page: pure functions from values to HTML, shared by page and websocket.

A *swap* puts HTML at a place of the page; a *frame* is what goes through the websocket: swaps, and beside them facts
for the page's own script (which turn was accepted, taken over into the session, ended).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.domain.events import MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import TurnConflict
from chat.domain.messages import Memory, Message, MessagePage, SessionListing
from chat.domain.session_ids import Session, any_session
from chat.page import names
from chat.page.bubbles import ShownMessage, portions, shown

#: Sessions that the list at the left grows by, and how often: a memory server lists a thousand at a time.
SESSIONS_A_PAGE, MOST_PAGES = 50, 20
#: The title of a session in which nothing has been said.
NEW_SESSION = "New session"
#: Bytes of HTML in a frame, unless one swap alone has more: what is larger than 8 MiB would close the socket.
LARGEST_FRAME = 512 * 1024


# --- Places -------------------------------------------------------------------------------------------------


def swap(target: str, how: str, html: str) -> SafeString:
    """``html`` for every element that the selector ``target`` matches; ``how`` is one of htmx's swap styles."""
    return format_html('<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>', target, how, html)


def frame(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> str:
    """One websocket message. ``facts`` are not shown: the page's script acts on them."""
    content = joined(*swaps)
    return json.dumps({"content": content, **facts}) if facts else content


def frames(swaps: Iterable[str], facts: Mapping[str, str] | None = None) -> Iterator[str]:
    """As few websocket messages as are small enough, in their order; the ``facts`` come with the last."""
    waiting: list[str] = []
    size = 0
    for piece in swaps:
        size += len(piece.encode())
        if waiting and size > LARGEST_FRAME:
            yield frame(waiting)
            waiting, size = [], len(piece.encode())
        waiting.append(piece)
    yield frame(waiting, facts)


def joined(*pieces: str) -> SafeString:
    """Pieces of HTML, one behind the other."""
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _render(template: str, **context: Any) -> SafeString:
    return render_to_string(f"chat/{template}", context)


# --- Memory -------------------------------------------------------------------------------------------------


def messages(said: Sequence[Message]) -> SafeString:
    """List items, one a message."""
    return _render("_messages.html", messages=[shown(message) for message in said])


def window(memory: Memory) -> list[SafeString]:
    """The messages of the window, in place of those that are there."""
    first, *rest = portions(memory.messages)
    return [swap(names.WINDOW, "innerMorph", messages(first)), *_appended(names.WINDOW, rest)]


def window_step(gone: Iterable[str], new: Sequence[Message]) -> list[SafeString]:
    """The window without the messages that are ``gone`` (their ids), and with ``new`` ones behind the rest."""
    swaps = [swap(f"{names.WINDOW} {names.MESSAGE_OF.format(message_id)}", "delete", "") for message_id in gone]
    return [*swaps, *_appended(names.WINDOW, portions(new))] if new else swaps


def _appended(place: str, stretches: Iterable[Sequence[Message]]) -> list[SafeString]:
    return [swap(place, "beforeend", messages(said)) for said in stretches]


def panel(memory: Memory) -> SafeString:
    """The running summary and how it stands."""
    return swap(names.MEMORY, "innerMorph", _render("_memory.html", memory=memory))


def earlier_unless_shown(session: Session, memory: Memory) -> SafeString:
    """The way to what was folded, closed; a page that stands at the same fold keeps what it has opened."""
    mark = f'{names.FOLD_MARK}[{names.FOLDED}="{memory.window.folded}"]'
    stale = f"{names.EARLIER}:not(:has({mark}))"
    return swap(stale, "outerHTML", earlier(session, memory))


def earlier(session: Session, memory: Memory, *, staff: bool = False) -> SafeString:
    """The section above the window, closed: a button for what was folded, if there is any."""
    before = memory.messages[0].id if memory.messages else None
    more = bool(memory.window.folded) and (before is not None or not memory.messages)
    button = _earlier_button(session, before, staff) if more else ""
    return _render("_earlier.html", button=button, folded=memory.window.folded)


def newly_folded(memory: Memory, said: Sequence[Message]) -> list[SafeString]:
    """``said`` has left the window: it stays in sight, above it."""
    mark = _render("_fold_mark.html", folded=memory.window.folded)
    return [*(_appended(names.EARLIER_LIST, portions(said)) if said else []), swap(names.FOLD_MARK, "outerHTML", mark)]


def earlier_page(session: Session, page: MessagePage, *, staff: bool = False) -> SafeString:
    """A stretch of what was folded, and the button for the stretch above it."""
    button = _earlier_button(session, page.before, staff) if page.before else ""
    return joined(messages(page.messages), swap(names.EARLIER_MORE, "innerHTML", button))


def _earlier_button(session: Session, before: str | None, staff: bool) -> SafeString:
    cursor = {"before": before or ""} | ({"id": session.memory_id} if staff else {})
    return _render("_earlier_button.html", session=session, cursor=json.dumps(cursor), staff=staff)


# --- Sessions -----------------------------------------------------------------------------------------------


def sessions(
    listings: Sequence[SessionListing], current: Session | None, *, empty: bool = False
) -> Sequence[SafeString]:
    """The list at the left, and the title of the ``current`` session; ``empty``: nothing is remembered of it.

    A list of which more was unfolded is left alone: it is asked for anew, as far as it was unfolded.
    """
    swaps = [swap(f"{names.SESSIONS}:not(:has({names.UNFOLDED}))", "innerMorph", session_items(listings, current))]
    title = title_in(listings, current) if current else None
    if title or (current and empty):
        swaps.append(swap(names.TITLE, "textContent", title or NEW_SESSION))
    return swaps


def session_items(listings: Sequence[SessionListing], current: Session | None, pages: int = 1) -> SafeString:
    """List items, one a session: the newest ``pages`` pages of them, and a button that unfolds another."""
    items = [(any_session(listing.memory_id), listing) for listing in listings]
    full = len(listings) == SESSIONS_A_PAGE * pages
    more = {"next_page": pages + 1 if full and pages < MOST_PAGES else None, "most": full and len(listings)}
    root = reverse("chat:session", args=["_"]).removesuffix("_")  # once: it is slow
    return _render("_sessions.html", items=items, current=current, pages=pages, root=root, **more)


def title_in(listings: Sequence[SessionListing], session: Session) -> str | None:
    """The session's title, if it is listed and the memory server knows it."""
    return next((listing.title for listing in listings if listing.memory_id == session.memory_id), None)


# --- A turn -------------------------------------------------------------------------------------------------


def started(event: TurnStarted) -> list[SafeString]:
    """The user's message and an empty reply, the stop button, and who answers. What failed before it goes."""
    said, reply = _said(event), ShownMessage(None, is_reply=True, text="")
    turn = _render("_turn.html", turn_id=event.turn_id, said=said, reply=reply)
    return [
        clear_live(),
        swap(names.LIVE, "beforeend", turn),
        swap(names.STOP, "innerHTML", _render("_stop.html", turn_id=event.turn_id)),
        swap(names.NOTICE, "innerHTML", ""),
        served(event),
        status("Answering."),
    ]


def served(event: TurnStarted) -> SafeString:
    """Which worker and process answers, or answered last."""
    return swap(names.SERVED, "textContent", f"{event.worker}, process {event.pid}")


def prompt(event: MemoryLoaded) -> list[SafeString]:
    """What the model was told besides the message: at the right; and a notice when something was left out."""
    return [
        swap(names.PROMPT, "innerMorph", _render("_prompt.html", prompt=event)),
        swap(names.OMITTED, "innerHTML", _render("_omitted.html", omitted=event.omitted)),
    ]


def text(turn_id: str, finished: str, tail: str, added: str) -> list[SafeString]:
    """``added`` has arrived; with it ``finished`` blocks are whole (HTML), and ``tail`` is left unfinished."""
    blocks, unfinished = f"{_live_turn(turn_id)} {names.BLOCKS}", f"{_live_turn(turn_id)} {names.TAIL}"
    if not finished:
        return [swap(unfinished, "beforeend", added)]
    return [swap(blocks, "beforeend", finished), swap(unfinished, "innerHTML", format_html("{}", tail))]


def failed(started: TurnStarted, event: TurnFailed, next_turn: str) -> list[SafeString]:
    """What there is of the reply, the reason, and a way to try again as the turn ``next_turn``."""
    retry = json.dumps({"type": "send", "text": started.text, "turn": next_turn})
    context = {"said": _said(started), "reply": _reply(event.reply), "reason": event.reason, "retry": retry}
    before = event.code == TurnConflict.code
    block = _render("_failed.html", turn_id=started.turn_id, remembered_before=before, **context)
    return [_replace_turn(started.turn_id, block), no_stop(), status(event.reason)]


def unsaved(started: TurnStarted, event: TurnFinished | TurnStopped, signed: str) -> list[SafeString]:
    """The reply, marked as not remembered, and a way to save the ``signed`` copy of the exchange."""
    save = json.dumps({"type": "save", "turn": started.turn_id, "signed": signed})
    reason = event.reason or "The memory server did not take it."
    reply = _reply(event.reply, stopped=isinstance(event, TurnStopped))
    context = {"said": _said(started), "reply": reply, "reason": reason, "save": save}
    block = _render("_unsaved.html", turn_id=started.turn_id, **context)
    return [_replace_turn(started.turn_id, block), no_stop(), status(f"Not remembered. {reason}")]


def unsaved_notice(turn_id: str, sentence: str) -> SafeString:
    """Why saving again did not work, beside its button."""
    return swap(f"{_live_turn(turn_id)} {names.SAVE_NOTICE}", "innerHTML", format_html("{}", sentence))


def remembered(event: TurnFinished | TurnStopped) -> list[SafeString]:
    """The end of a turn that is in the window now."""
    done = "Stopped." if isinstance(event, TurnStopped) else "The answer is complete."
    return [no_stop(), status(done)]


def clear_live(turn_id: str | None = None) -> SafeString:
    """Without the turn; without any but those that can still be saved, when none is named."""
    cannot_be_saved = f"{names.LIVE} {names.TURN}:not({names.UNSAVED})"
    return swap(_live_turn(turn_id) if turn_id else cannot_be_saved, "delete", "")


def clear_all_live() -> SafeString:
    """Without any turn that is not in the window."""
    return swap(f"{names.LIVE} {names.TURN}", "delete", "")


def clear_growing() -> SafeString:
    """Without a turn that seemed to be under way; what came to nothing stays until its user turns to it."""
    return swap(f"{names.LIVE} {names.TURN}:not({names.UNSAVED}, {names.FAILED})", "delete", "")


def no_stop() -> SafeString:
    """Nothing to stop."""
    return swap(names.STOP, "innerHTML", "")


def _replace_turn(turn_id: str, block: str) -> SafeString:
    return swap(_live_turn(turn_id), "outerHTML", block)


def _live_turn(turn_id: str) -> str:
    return f'{names.LIVE} [{names.TURN_ID}="{turn_id}"]'


def _said(started: TurnStarted) -> ShownMessage:
    return ShownMessage(None, is_reply=False, text=started.text)


def _reply(reply: str, *, stopped: bool = False) -> ShownMessage | None:
    return ShownMessage(None, is_reply=True, text=reply, stopped=stopped) if reply else None


# --- Sentences ----------------------------------------------------------------------------------------------


def notice(sentence: str, until: str = "") -> SafeString:
    """A sentence beside the message box, read out at once. It stands until `over`, or the user's next step."""
    return swap(names.NOTICE, "innerHTML", format_html('<p {}="{}">{}</p>', names.UNTIL, until, sentence))


def over(what: str) -> SafeString:
    """Without the sentence that waited for this."""
    return swap(f'{names.NOTICE} [{names.UNTIL}="{what}"]', "delete", "")


def outage(sentence: str) -> SafeString:
    """A sentence above the messages, for as long as something is away; "" takes it away."""
    return swap(names.OUTAGE, "innerHTML", format_html("<p>{}</p>", sentence) if sentence else "")


def status(sentence: str) -> SafeString:
    """A sentence for those who listen instead of looking."""
    return swap(names.STATUS, "textContent", sentence)
