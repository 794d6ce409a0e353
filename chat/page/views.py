"""The pages that a browser asks for by HTTP. What happens in them afterwards comes through the websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseLocation, trigger_client_event

from chat.components import components
from chat.domain.exceptions import AccessDenied, ChatError, InvalidRequest, MemoryRefused, MemoryServerError
from chat.domain.messages import Memory, SessionListing
from chat.domain.sentences import Situation, sentence
from chat.domain.session_ids import Session, any_session, namespace_of, new_session_id, owned_session
from chat.page import fragments, names, notices
from chat.sessions.deletion import delete_session
from chat.web.paging import page_number
from chat.web.visitor import OwnedRequest, check_visit

#: Django's permission to read sessions of others.
VIEW_SESSIONS = "chat.view_session"
#: Of so many sessions the page for staff can tell the title.
TITLED_SESSIONS = 200
#: What a session without a title is called.
SESSION = "Session"
#: Messages in a stretch of scroll-back.
STRETCH = 30

View: TypeAlias = Callable[..., Coroutine[Any, Any, HttpResponse]]

LANGCHAIN = """\
import asyncio

from langchain_community.memory.motorhead_memory import MotorheadMemory

memory = MotorheadMemory(session_id={memory_id!r}, url={url!r})
asyncio.run(memory.init())  # loads what was said here; in a notebook: await memory.init()
print(memory.load_memory_variables({{}})["history"])
"""


def of_this_visit(view: View) -> View:
    """Only for pages of the owner that the cookie names; 409, with a sentence, for those of a visit that is over."""

    @wraps(view)
    async def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check_visit(request.headers.get("Page-Owner"), cast(OwnedRequest, request).owner)
        except AccessDenied as error:
            return HttpResponse(fragments.notice(sentence(error)), status=409)
        return await view(request, *args, **kwargs)

    return checked


@require_safe
async def healthz(request: HttpRequest) -> HttpResponse:
    """``ok``: this worker answers. It asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
async def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, for pages that name none: a browser asks here by itself."""
    return redirect(static("chat/icon.svg"))


@never_cache
@require_safe
@of_this_visit
async def home(request: HttpRequest) -> HttpResponse:
    """A new session, which exists once something is said in it."""
    return redirect("chat:session", new_session_id())


@never_cache
@require_safe
@of_this_visit
async def visit(request: HttpRequest) -> HttpResponse:
    """Nothing, 204: the page that asks is still its visitor's."""
    return HttpResponse(status=204)


@never_cache
@require_safe
@of_this_visit
async def session_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """One of the visitor's own sessions. An unknown id is a new one; 400 for a malformed one, 503 without memory."""
    owner = cast(OwnedRequest, request).owner
    try:
        session = owned_session(owner, session_id)
    except InvalidRequest as error:
        return _sentence(request, error, 400)
    return await _page(request, session, owner)


@never_cache
@require_safe
@of_this_visit
async def earlier(request: HttpRequest, session_id: str) -> HttpResponse:
    """What was said before the message ``?before=`` of one of the visitor's own sessions, as list items."""
    try:
        session = owned_session(cast(OwnedRequest, request).owner, session_id)
    except InvalidRequest as error:
        return _sentence(request, error, 400)
    return await _earlier(request, session)


@never_cache
@require_safe
@of_this_visit
async def more_sessions(request: HttpRequest) -> HttpResponse:
    """The visitor's newest sessions, as far as the end of ``?page=``, as list items."""
    owner = cast(OwnedRequest, request).owner
    pages = page_number(request.GET.get("page", ""), fragments.MOST_PAGES)
    if pages is None:
        return HttpResponse("There is no such page.", status=400, content_type="text/plain")
    try:
        listings = await _listings(owner, pages)
    except MemoryServerError as error:
        return _refusal(error)
    return HttpResponse(fragments.session_items(listings, _open_session(request, owner), pages))


@never_cache
@require_POST
@of_this_visit
async def delete(request: HttpRequest, session_id: str) -> HttpResponse:
    """Deletes the session, stopping its answer first; a page that shows it goes on to a new one."""
    owner = cast(OwnedRequest, request).owner
    try:
        session = owned_session(owner, session_id)
        parts = components()
        await delete_session(session, parts.memory, parts.runs, parts.bells)
        listings = await _listings(owner)
    except ChatError as error:
        return _refusal(error, Situation.DELETING)
    current = _open_session(request, owner)
    content = fragments.joined(*fragments.sessions(listings, current))
    response = _to_new_session(content) if current == session else HttpResponse(content)
    return trigger_client_event(response, names.STALE, {"target": "body"})


def _to_new_session(content: str) -> HttpResponse:
    """``content``, after which the page goes on to a new session without being loaded again."""
    place: dict[str, Any] = {"target": names.SESSION, "select": names.SESSION, "swap": "outerHTML"}
    return HttpResponseLocation(reverse("chat:home"), content=content, **place)


@never_cache
@require_safe
async def any_page(request: HttpRequest) -> HttpResponse:
    """Any session at all, by its memory id (``?id=``, any characters), for staff who may view sessions, to read."""
    user = await request.auser()
    if not user.is_staff:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if not await user.ahas_perm(VIEW_SESSIONS):
        raise PermissionDenied
    if not (memory_id := request.GET.get("id")):
        raise Http404
    return await _page(request, any_session(memory_id), cast(OwnedRequest, request).owner, staff=True)


@never_cache
@require_safe
async def any_earlier(request: HttpRequest) -> HttpResponse:
    """What was said before the message ``?before=`` of any session ``?id=``, for staff who may view sessions."""
    user = await request.auser()
    if not (user.is_staff and await user.ahas_perm(VIEW_SESSIONS)):
        return HttpResponse("Only staff may read this.", status=403, content_type="text/plain")
    return await _earlier(request, any_session(request.GET.get("id", "")), staff=True)


async def _page(request: HttpRequest, session: Session, owner: str, *, staff: bool = False) -> HttpResponse:
    memory, listings, title = await asyncio.gather(
        _memory(session), _listings_or_reason(owner), _title_for_staff(session) if staff else _no_title()
    )
    context = _session_context(session, memory, staff) | _list_context(listings, session) | {"owner": owner} | title
    status = 503 if isinstance(memory, MemoryServerError) else 200
    return render(request, "chat/page.html", context, status=status)


def _session_context(session: Session, memory: Memory | MemoryServerError, staff: bool) -> dict[str, Any]:
    context = {
        "session": session,
        "staff": staff,
        "limit": settings.CHAT_MAX_MESSAGE_CHARS,
        "langchain": LANGCHAIN.format(memory_id=session.memory_id, url=settings.CHAT_PUBLIC_MEMORY_URL),
    }
    if isinstance(memory, MemoryServerError):
        return context | {"outage": sentence(memory, Situation.WATCHING)}
    said = {"messages": fragments.messages(memory.messages), "memory": memory}
    return context | said | {"earlier": fragments.earlier(session, memory, staff=staff)}


def _list_context(listings: list[SessionListing] | MemoryServerError, session: Session) -> dict[str, Any]:
    if isinstance(listings, MemoryServerError):
        return {"list_reason": "Your sessions are listed when memory answers.", "title": SESSION}
    title = fragments.title_in(listings, session)
    return {"session_items": fragments.session_items(listings, session), "title": title or fragments.NEW_SESSION}


async def _title_for_staff(session: Session) -> dict[str, str]:
    """The title of anybody's session, if it is among the newest in the list where it belongs."""
    listings: list[SessionListing] = []
    with suppress(MemoryServerError):  # the page says itself that memory is away
        listings = await components().memory.list_sessions(session.namespace, size=TITLED_SESSIONS)
    return {"title": fragments.title_in(listings, session) or SESSION}


async def _no_title() -> dict[str, str]:
    """Of a visitor's session: the list beside it holds the title."""
    return {}


async def _earlier(request: HttpRequest, session: Session, *, staff: bool = False) -> HttpResponse:
    before = request.GET.get("before") or None
    try:
        page = await components().memory.list_messages(session.memory_id, before=before, limit=STRETCH)
    except MemoryServerError as error:
        return _refusal(error)
    return HttpResponse(fragments.earlier_page(session, page, staff=staff))


async def _memory(session: Session) -> Memory | MemoryServerError:
    try:
        return await components().memory.get_memory(session.memory_id)
    except MemoryServerError as error:
        return error


def _open_session(request: HttpRequest, owner: str) -> Session | None:
    """The session that the page shows which asks, if it is one of the visitor's own."""
    path = request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    with suppress(InvalidRequest):
        return owned_session(owner, path.removeprefix(reverse("chat:session", args=["_"]).removesuffix("_")))
    return None


async def _listings(owner: str, pages: int = 1) -> list[SessionListing]:
    return await components().memory.list_sessions(namespace_of(owner), size=pages * fragments.SESSIONS_A_PAGE)


async def _listings_or_reason(owner: str) -> list[SessionListing] | MemoryServerError:
    try:
        return await _listings(owner)
    except MemoryServerError as error:
        return error


def _refusal(error: ChatError, situation: Situation = Situation.LOOKING) -> HttpResponse:
    """A sentence beside the message box: 400 when asking again would not help, 503 when it may."""
    status = 400 if isinstance(error, InvalidRequest | MemoryRefused) else 503
    return HttpResponse(fragments.notice(sentence(error, situation), notices.ends_with(error)), status=status)


def _sentence(request: HttpRequest, error: ChatError, status: int) -> HttpResponse:
    return render(request, "chat/sentence.html", {"sentence": sentence(error)}, status=status)
