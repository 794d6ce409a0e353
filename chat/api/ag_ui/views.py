"""``POST /api/ag-ui``: runs as server-sent events. The run does not depend on the connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from chat.api.ag_ui import offsets
from chat.api.ag_ui.errors import refused
from chat.api.ag_ui.events import encode, run_error
from chat.api.ag_ui.following import Follower, Placed, Run, follow_memory
from chat.api.ag_ui.inputs import MAX_INPUT, Abort, decode
from chat.api.ag_ui.requests import request_of, resume_of, run_in, run_of
from chat.api.codec import Asked, ResumeRequest, SendRequest, WatchRequest, scopes_for
from chat.api.connection import COMMENT, SILENCE, StopWhenLeft, streamed
from chat.api.past import Past, no_entries
from chat.api.turns import begin_turn, turn_to_show
from chat.api.v1.access import read_credential
from chat.api.waiting import Waiting, watched
from chat.api.watching import memories
from chat.components import Components, components
from chat.domain.exceptions import ChatError, InvalidFrame, RunUnknown, Unforeseen
from chat.domain.session_ids import Session, owned_session
from chat.metrics import metrics
from chat.runs.limits import TokenLimits
from chat.sessions.feed import MemoryFeed
from chat.sockets.open_sockets import open_sockets
from chat.sockets.replay_limit import replay_limit
from chat.web.addresses import network_of_request
from chat.web.page_limit import page_limit

logger = logging.getLogger(__name__)


@csrf_exempt  # `read_credential` checks the Origin, and the token of the site's own pages
@never_cache
async def run(request: HttpRequest) -> HttpResponseBase:
    """POST: the events of a run. GET: those behind an offset. An error before the first event is a problem document."""
    try:
        match request.method:
            case "GET" | "POST":
                return await _answer(request)
            case _:
                return HttpResponseNotAllowed(["GET", "POST"])
    except ChatError as error:
        return refused(error)
    except Exception:
        logger.exception("A run of AG-UI failed unexpectedly.")
        return refused(Unforeseen())


async def _answer(request: HttpRequest) -> HttpResponseBase:
    credential, parts, network = read_credential(request), components(), network_of_request(request)
    async with AsyncExitStack() as held:
        revoked = held.enter_context(watched(credential, parts.grants))
        access = await parts.grants.confirm(credential, request.headers.get("Origin"))
        page_limit().take(credential.owner, network)
        held.callback(open_sockets().leave, open_sockets().admit(credential.owner, network))
        asked, run = _read(request)
        access.check(*scopes_for(asked))
        session = owned_session(credential.owner, asked.session_id)
        if isinstance(asked, WatchRequest):
            events = _watch(parts, session, run)
        else:
            turn_id = await _find_turn(parts, session, asked, network, access.limits)
            follower = Follower(run, Past(session, parts.memory, parts.runs))
            events = follower.follow(parts.runs.tail(session, turn_id) if turn_id else no_entries())
            if request.headers.get("X-On-Disconnect", "").lower() == "stop" and turn_id:
                held.push_async_exit(StopWhenLeft(parts.runs, session, turn_id, follower))
        waiting = await held.enter_async_context(aclosing(Waiting(events, revoked)))
        try:
            first = await waiting.next(SILENCE)
        except StopAsyncIteration:  # the client had the last event already
            return HttpResponse(content_type="text/event-stream")
        return streamed(stream(waiting, first, run.run_id), held.pop_all())


def _read(request: HttpRequest) -> tuple[Asked, Run]:
    """What is asked for, and the run for which it is. Raises `InvalidFrame`."""
    if request.method == "GET":
        run = run_in(dict(request.GET.lists()))
        if run is None:
            raise RunUnknown
        return resume_of(run), run
    sent = decode(request.read(MAX_INPUT + 1))
    if isinstance(sent, Abort):
        raise InvalidFrame("type")
    run, after = run_of(sent), offsets.parse(request.headers.get("Last-Event-ID", ""))
    return request_of(sent), run if after is None else replace(run, after=after, resumed=True)


async def _find_turn(
    parts: Components,
    session: Session,
    asked: SendRequest | ResumeRequest,
    network: str | None,
    token: TokenLimits | None,
) -> str:
    """The turn that is asked for, begun if it is new; "" if only the past is to be shown. Raises `RunUnknown`."""
    if isinstance(asked, SendRequest):
        turn_id = await begin_turn(parts.runs, parts.memory, session, asked, network, token)
    else:
        turn_id = await turn_to_show(parts.runs, session, asked)
        if turn_id:
            metrics().resumes.add(1, "http")
    if turn_id:
        replay_limit.take(session, turn_id)
    return turn_id


def _watch(parts: Components, session: Session, run: Run) -> AsyncGenerator[Placed]:
    """The memory, now and whenever it changes, as long as the client stays."""
    return follow_memory(run, memories(MemoryFeed(parts.memory, parts.bells, session), asyncio.Event()))


async def stream(waiting: Waiting[Placed], first: Placed | None, run_id: str) -> AsyncGenerator[bytes]:
    """The events of a stream. An error in the middle is its last event."""
    placed = first
    try:
        while True:
            yield COMMENT if placed is None else _written(placed)
            del placed  # no text is kept while waiting
            placed = await waiting.next(SILENCE)
    except StopAsyncIteration:
        return
    except ChatError as error:
        yield _failed(error, run_id)
    except Exception:
        logger.exception("A stream of AG-UI failed unexpectedly.")
        yield _failed(Unforeseen(), run_id)


def _failed(error: ChatError, run_id: str) -> bytes:
    """The last event of a stream that ``error`` ends, which is counted."""
    metrics().errors.add(1, "http", error.code)
    return _written((None, run_error(error, run_id)))


def _written(placed: Placed) -> bytes:
    offset, event = placed
    named = f"id: {offset}\n" if offset is not None else ""
    return f"{named}data: {encode(event)}\n\n".encode()
