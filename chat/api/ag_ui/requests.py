"""The requests in what clients send: in an input, or in an address. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from chat.api.ag_ui import inputs, offsets
from chat.api.ag_ui.following import Run
from chat.api.ai_sdk.message_ids import by_ending, is_given, is_of, name_of, named_turn
from chat.api.codec import Asked, Query, Replaced, ResumeRequest, SendRequest, WatchRequest
from chat.domain.messages import Message

#: The length from which a client's id of a message is taken for unique. Some clients count theirs from 1 on every page.
UNIQUE = 16


def request_of(run: inputs.RunAgentInput) -> Asked:
    """The request in a run. Raises `InvalidFrame`: it cannot be understood."""
    if inputs.watches(run):
        return WatchRequest(run.runId, run.threadId)
    asking = inputs.last_asked(run.messages)
    if asking is None:
        return ResumeRequest(run.runId, run.threadId, past=True)
    return SendRequest(
        run.runId,
        run.threadId,
        asking.text,
        turn_id=named_turn(run.runId, asking.id),
        replaced=_replaced(run, asking),
        is_turn=TurnOf(run.runId),
    )


def _replaced(run: inputs.RunAgentInput, asking: inputs.Asking) -> Replaced | None:
    """What a run replaces. Clients do not say that they edit or ask again, but they send a message that is remembered.

    The same words ask for another answer, which must not erase what was said behind it on another device; with other
    words, the message was edited.
    """
    if (replaced := inputs.replaced_by(run)) is not None:
        return Replaced(partial(is_of, replaced), was_there=True)
    if not _is_unique(asking.id):
        return None
    known = _Known(asking, TurnOf(run.runId))
    return Replaced(
        is_it=partial(is_of, asking.id),
        is_last=known.is_unchanged,
        was_there=is_given(asking.id),
        is_shown=known.is_shown,
        is_newest=partial(is_of, asking.before),
    )


def _is_unique(message_id: str) -> bool:
    return len(message_id) >= UNIQUE or is_given(message_id)


@dataclass(frozen=True, slots=True)
class TurnOf:
    """Recognises the turn of the run ``run_id`` by its id."""

    run_id: str

    def __call__(self, turn_id: str) -> bool:
        """Whether it is that turn."""
        return name_of(turn_id) == self.run_id


@dataclass(frozen=True, slots=True)
class _Known:
    """What a client that asks in the run of ``is_turn`` knows of the message that it asks."""

    asking: inputs.Asking
    is_turn: TurnOf

    def is_unchanged(self, message: Message) -> bool:
        return message.content == self.asking.text

    def is_shown(self, message: Message) -> bool:
        """Whether the client has the reply. Before an edit, that is the old one."""
        is_known = self.is_turn(message.key or "") or any(is_of(each, message) for each in self.asking.behind)
        return is_known and self.is_unchanged(message)


def run_of(run: inputs.RunAgentInput) -> Run:
    """The run, for a client that may have part of its answer."""
    asking = inputs.last_asked(run.messages)
    known = by_ending(filter(_is_unique, inputs.ids_of_user(run.messages)))
    return Run(run.threadId, run.runId, resumed=asking is None or asking.has_reply, known=known)


def resume_of(run: Run) -> ResumeRequest:
    """The request in an address that asks for ``run``."""
    return ResumeRequest(run.run_id, run.session_id, TurnOf(run.run_id))


def run_in(query: Query) -> Run | None:
    """The run that an address asks for with ``runId``, ``offset`` and perhaps ``threadId``; None without an offset.

    The session is also in the offset, unless that means the start.
    """
    run_id, offset, thread_id = (query.get(name, [""])[0] for name in ("runId", "offset", "threadId"))
    if not (run_id and offset):
        return None
    after = offsets.parse(offset)
    return Run(thread_id or (after.session_id if after else ""), run_id, after, resumed=True)
