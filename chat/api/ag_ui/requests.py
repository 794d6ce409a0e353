"""The requests in what clients send: in an input, or in an address. No I/O."""

from __future__ import annotations

from chat.api.ag_ui import inputs, offsets
from chat.api.ag_ui.following import Run
from chat.api.codec import Asked, Query, ResumeRequest, SendRequest, WatchRequest


def request_of(run: inputs.RunAgentInput) -> Asked:
    """The request in a run. Raises `InvalidFrame`: it cannot be understood."""
    if inputs.watches(run):
        return WatchRequest(run.runId, run.threadId)
    text = inputs.last_user_text(run.messages)
    if text is None:
        return ResumeRequest(run.runId, run.threadId, past=True)
    return SendRequest(run.runId, run.threadId, text, run.runId)


def run_of(run: inputs.RunAgentInput) -> Run:
    """The run, for a client that may have part of its answer."""
    resumed = inputs.has_part_of_answer(run) or inputs.last_user_text(run.messages) is None
    return Run(run.threadId, run.runId, resumed=resumed)


def run_in(query: Query) -> Run | None:
    """The run that an address asks for with ``runId``, ``offset`` and perhaps ``threadId``; None without an offset.

    The session is also in the offset, unless that means the start.
    """
    run_id, offset, thread_id = (query.get(name, [""])[0] for name in ("runId", "offset", "threadId"))
    if not (run_id and offset):
        return None
    after = offsets.parse(offset)
    return Run(thread_id or (after.session_id if after else ""), run_id, after, resumed=True)
