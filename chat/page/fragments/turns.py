"""A turn outside the window, as HTML: growing, failed or unsaved."""

from __future__ import annotations

import json

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from chat.domain.events import MemoryLoaded, TurnFailed, TurnFinished, TurnStarted, TurnStopped
from chat.domain.exceptions import MessageFolded, NotSupported, TurnConflict, UnknownMessage
from chat.page import names
from chat.page.bars import prompt_bar
from chat.page.bubbles import Bubble, html_of
from chat.page.fragments.sentences import status
from chat.page.fragments.swaps import render, swap
from chat.page.growing_reply import Growth
from chat.web.wording import translated

#: The code at the end of a growing reply, and the list or the code, which may go on.
_OPEN_CODE = f"{names.BLOCKS} > {names.CODE}:last-child > pre > code"
_OPEN_BLOCK = f":is({names.BLOCKS} > :is(ul, ol):last-child, {_OPEN_CODE})"

#: Errors after which messages cannot be replaced any more.
_IRREPLACEABLE = {MessageFolded.code, UnknownMessage.code, NotSupported.code}


def started(event: TurnStarted) -> list[SafeString]:
    """The user's message and an empty reply, the stop button, and the worker. Earlier failed turns are removed."""
    said, reply = _said(event), Bubble(None, is_reply=True, text="")
    turn = render("_turn.html", turn_id=event.turn_id, said=said, reply=reply, replaces=event.replace_after)
    return [
        clear_live(),
        swap(names.LIVE, "beforeend", turn),
        swap(names.STOP, "innerHTML", render("_stop.html", turn_id=event.turn_id)),
        swap(names.NOTICE, "innerHTML", ""),
        served(event),
        status(gettext("Answering.")),
    ]


def served(event: TurnStarted) -> SafeString:
    """The worker and process that answers, or answered last."""
    served_by = gettext("{worker}, process {pid}").format(worker=event.worker, pid=event.pid)
    return swap(names.SERVED, "textContent", served_by)


def prompt(event: MemoryLoaded, turn_id: str) -> list[SafeString]:
    """The contents of the turn's prompt, at the right, and a notice if something was left out of it."""
    bar = prompt_bar(event.tokens, event.budget) if event.tokens else None
    context = {"prompt": event, "bar": bar, "turn_id": turn_id, "trouble": translated(event.trouble or "")}
    return [
        swap(names.PROMPT, "innerMorph", render("_prompt.html", **context)),
        swap(names.OMITTED, "innerHTML", render("_omitted.html", omitted=event.omitted)),
    ]


def text(turn_id: str, growth: Growth) -> list[SafeString]:
    """Swaps for another piece of the reply."""
    within = {
        _OPEN_BLOCK: ("beforeend", growth.inside),
        _OPEN_CODE: ("innerHTML", growth.code),
        names.BLOCKS: ("beforeend", growth.blocks),
    }
    tail = format_html("{}", growth.tail)
    if growth.replaces or tail:
        within[names.TAIL] = ("innerHTML" if growth.replaces else "beforeend", tail)
    live = _live_turn(turn_id)
    return [swap(f"{live} {place}", how, html) for place, (how, html) in within.items() if html or place == names.TAIL]


def thoughts(turn_id: str, added: str) -> SafeString:
    """The swap that adds a piece of the model's reasoning."""
    return swap(f"{_live_turn(turn_id)} {names.THOUGHTS}", "beforeend", added)


def thought_for(turn_id: str, seconds: float) -> SafeString:
    """The swap that says how long the model has thought."""
    minutes, rest = divmod(round(seconds), 60)
    how_long = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    known = gettext("Thought for {how_long}").format(how_long=how_long)
    said = known if minutes or rest else gettext("Thought for a moment")
    return swap(f"{_live_turn(turn_id)} {names.REASONING} summary", "textContent", said)


def failed(started: TurnStarted, event: TurnFailed, next_turn: str) -> list[SafeString]:
    """The partial reply, the reason, and a button that tries again as the turn ``next_turn``.

    A turn that was to replace messages does so again; if they cannot be replaced any more, it is added to them.
    """
    added = event.code in _IRREPLACEABLE
    place = {} if added or not started.replace_after else {"replace_after": started.replace_after}
    retry = json.dumps({"text": started.text, "turn": next_turn, **place})
    reason = translated(event.reason)
    context = {"said": _said(started), "reply": _reply(event.reply), "reason": reason, "retry": retry}
    ways = {"replaces": started.replace_after, "added": added, "remembered_before": event.code == TurnConflict.code}
    block = render("_failed.html", turn_id=started.turn_id, **context, **ways)
    return [_replace_turn(started.turn_id, block), clear_stop(), status(reason)]


def unsaved(started: TurnStarted, event: TurnFinished | TurnStopped, signed: str) -> list[SafeString]:
    """The reply, marked as not remembered, and a button that saves the ``signed`` copy of the exchange."""
    save = json.dumps({"type": "save", "turn": started.turn_id, "signed": signed})
    reason = translated(event.reason or "") or gettext("The memory server did not accept it.")
    reply = _reply(event.reply, stopped=isinstance(event, TurnStopped))
    context = {"said": _said(started), "reply": reply, "reason": reason, "save": save}
    block = render("_unsaved.html", turn_id=started.turn_id, **context)
    return [_replace_turn(started.turn_id, block), clear_stop(), status(f"{gettext('Not remembered.')} {reason}")]


def unsaved_notice(turn_id: str, sentence: str) -> SafeString:
    """Why saving again failed, beside its button."""
    return swap(f"{_live_turn(turn_id)} {names.SAVE_NOTICE}", "innerHTML", format_html("{}", sentence))


def remembered(event: TurnFinished | TurnStopped) -> list[SafeString]:
    """The end of a turn that has been remembered."""
    done = gettext("Stopped.") if isinstance(event, TurnStopped) else gettext("The answer is complete.")
    return [clear_stop(), status(done)]


def clear_live(turn_id: str | None = None) -> SafeString:
    """Removes the turn; without an id, all turns except those that can still be saved."""
    cannot_be_saved = f"{names.LIVE} {names.TURN}:not({names.UNSAVED})"
    return swap(_live_turn(turn_id) if turn_id else cannot_be_saved, "delete", "")


def clear_all_live() -> SafeString:
    """Removes all turns outside the window."""
    return swap(f"{names.LIVE} {names.TURN}", "delete", "")


def clear_growing() -> SafeString:
    """Removes a turn that seemed to be growing; failed and unsaved ones stay until the user acts on them."""
    return swap(f"{names.LIVE} {names.TURN}:not({names.UNSAVED}, {names.FAILED})", "delete", "")


def clear_stop() -> SafeString:
    """Removes the stop button."""
    return swap(names.STOP, "innerHTML", "")


def _replace_turn(turn_id: str, block: str) -> SafeString:
    return swap(_live_turn(turn_id), "outerHTML", block)


def _live_turn(turn_id: str) -> str:
    return f'{names.LIVE} [{names.TURN_ID}="{turn_id}"]'


def _said(started: TurnStarted) -> Bubble:
    return Bubble(None, is_reply=False, text=started.text)


def _reply(reply: str, *, stopped: bool = False) -> Bubble | None:
    return Bubble(None, is_reply=True, text=reply, html=html_of(reply), stopped=stopped) if reply else None
