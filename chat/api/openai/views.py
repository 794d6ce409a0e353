"""``POST /v1/chat/completions`` and ``GET /v1/models``, for any client of OpenAI's API."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, aclosing

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chat.api.connection import StopWhenLeft, streamed
from chat.api.openai.access import token_of
from chat.api.openai.answer import AnswerChunks, Count, Heading, Model, ModelList
from chat.api.openai.door import answered, door, refused
from chat.api.openai.errors import refusal_of
from chat.api.openai.reading import Reading
from chat.api.openai.request import CompletionRequest, parse
from chat.api.openai.streaming import first_event, stream, whole
from chat.api.openai.turns import RequestName, begin_turn, name_of
from chat.api.waiting import watched
from chat.components import Components, components
from chat.domain.events import TurnFailed
from chat.domain.exceptions import InvalidRequest
from chat.domain.session_ids import owned_session
from chat.grants.credentials import Token
from chat.grants.scopes import Scope
from chat.runs.limits import TokenLimits
from chat.sockets.open_sockets import open_sockets
from chat.sockets.replay_limit import replay_limit
from chat.web.addresses import network_of_request
from chat.web.page_limit import page_limit

#: Bytes in a body: enough for a long history, which clients send although the server ignores it.
MAX_BODY = 4 * 1024 * 1024
#: Characters of an ``Idempotency-Key``.
MAX_KEY = 255
#: The headers that can name the session; the second is how Open WebUI names its chats.
SESSION_HEADERS = ("X-Session-Id", "X-OpenWebUI-Chat-Id")


@door("GET")
async def models(request: HttpRequest) -> HttpResponse:
    """The list of models: the site's own."""
    await _check(request)
    return answered(ModelList([Model(_model())]))


@door("GET")
async def model(request: HttpRequest, name: str) -> HttpResponse:
    """The site's model; 404 for any other."""
    await _check(request)
    if name != _model():
        raise InvalidRequest("no_model", param="model", model=name[:80], known=_model())
    return answered(Model(name))


@door(None)
async def unknown(request: HttpRequest, anything: str) -> HttpResponse:
    """404 with a sentence."""
    raise InvalidRequest("no_path")


@door("POST")
async def completions(request: HttpRequest) -> HttpResponseBase:
    """The answer to the user's newest message, whole or as a stream. The run does not depend on the connection."""
    token, parts, network = token_of(request), components(), network_of_request(request)
    async with AsyncExitStack() as held:
        revoked = held.enter_context(watched(token, parts.grants))
        access = await parts.grants.confirm(token, request.headers.get("Origin"))
        access.check(Scope.TURNS)
        held.callback(open_sockets().leave, open_sockets().admit(token.owner, network))
        asked, name = _read(request)
        heading = await _begin(parts, token, asked, name, network, access.limits)
        session = owned_session(token.owner, asked.session_id)
        reading = Reading(parts.runs.tail(session, heading.turn), revoked)
        await held.enter_async_context(aclosing(reading))
        if request.headers.get("X-On-Disconnect", "").lower() == "stop":
            held.push_async_exit(StopWhenLeft(parts.runs, session, heading.turn, reading))
        return await _answer(reading, asked, heading, held)


async def _check(request: HttpRequest) -> None:
    """Raises `AccessDenied`: there is no token that holds; `TooManyPages`: each request counts as opening a page."""
    token = token_of(request)
    await components().grants.confirm(token, request.headers.get("Origin"))
    page_limit().take(token.owner, network_of_request(request))


def _read(request: HttpRequest) -> tuple[CompletionRequest, RequestName]:
    """What is requested, and what its turn is named after."""
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise InvalidRequest("completion_too_large", limit=MAX_BODY)
    named = (request.headers.get(header) for header in SESSION_HEADERS)
    asked = parse(body, next((session for session in named if session), None))
    key = request.headers.get("Idempotency-Key")
    if key is not None and len(key) > MAX_KEY:
        raise InvalidRequest("completion_key", limit=MAX_KEY)
    return asked, name_of(asked.digest, key, request.headers.get("X-Stainless-Retry-Count", ""))


async def _begin(
    parts: Components,
    token: Token,
    asked: CompletionRequest,
    name: RequestName,
    network: str | None,
    limits: TokenLimits | None,
) -> Heading:
    """The heading of the answer, whose turn has begun, maybe before."""
    session = owned_session(token.owner, asked.session_id)
    turn_id = await begin_turn(parts.runs, session, asked.text, name, network, limits)
    replay_limit.take(session, turn_id)
    return Heading(asked.session_id, turn_id, _model(), int(time.time()))


async def _answer(
    reading: Reading, asked: CompletionRequest, heading: Heading, held: AsyncExitStack
) -> HttpResponseBase:
    """The answer. A stream takes what is ``held`` along."""
    count = Count()
    first = await first_event(reading, asked.text, count)
    if isinstance(first, TurnFailed):
        return refused(refusal_of(first))
    if asked.stream:
        return streamed(stream(reading, first, AnswerChunks(heading, asked.include_usage, count)), held.pop_all())
    answer = await whole(reading, first, heading, count)
    return refused(refusal_of(answer)) if isinstance(answer, TurnFailed) else answered(answer)


def _model() -> str:
    """The name of the model that answers. The stand-in does, whatever model it is asked for."""
    if settings.CHAT_PUBLIC_STANDIN_URL:
        return "stand-in"
    return settings.AZURE_DEPLOYMENT_ID or settings.CHAT_MODEL
