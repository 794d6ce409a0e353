"""Ending the site's processes from its page, to show that it goes on: only on a machine of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chat.components import build_supervisor, components
from chat.demonstration.supervisor import Ended, Process
from chat.domain.exceptions import AccessDenied, ChatError, MemoryServerError, ProcessGone
from chat.domain.sentences import Situation
from chat.domain.session_ids import namespace_of
from chat.page.views.visits import View, of_this_visit
from chat.web.loopback import is_from_this_machine
from chat.web.visitor import OwnedRequest
from chat.web.wording import worded

#: Seconds for the memory server's answer: the page asks again at once.
MEMORY_PATIENCE = 0.5


def is_offered_to(request: HttpRequest) -> bool:
    """Whether a page that is loaded by ``request`` offers it."""
    return is_offered() and is_from_this_machine(request)


def is_offered() -> bool:
    """Whether the page is there: ``CHAT_KILL_DRAWER`` is on, and a supervisor runs this site."""
    return settings.CHAT_KILL_DRAWER and build_supervisor().is_there


def for_this_machine(view: View) -> View:
    """A view that is there only where it is offered (404), and only for this machine's own user (403)."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_offered():
            raise Http404
        if not is_from_this_machine(request):
            return _refusal(AccessDenied("elsewhere"), 403)
        return await view(request, *args, **kwargs)

    return guarded


@for_this_machine
@never_cache
@require_POST
@of_this_visit
async def processes(request: HttpRequest) -> HttpResponse:
    """The processes that run now, and whether the memory server answers."""
    try:
        running = await build_supervisor().processes()
    except ChatError as error:
        return _refusal(error, 503)
    listed = [{"name": each.name, "pid": each.pid} for each in running]
    return JsonResponse({"processes": listed, "memory": await _memory_answers(cast(OwnedRequest, request).owner)})


@for_this_machine
@never_cache
@require_POST
@of_this_visit
async def kill(request: HttpRequest) -> HttpResponse:
    """Kill the process with this ``name`` and ``pid``; the answer says when."""
    return await _end(request, build_supervisor().kill)


@for_this_machine
@never_cache
@require_POST
@of_this_visit
async def restart(request: HttpRequest) -> HttpResponse:
    """Ask the process with this ``name`` and ``pid`` to end; the answer says when."""
    return await _end(request, build_supervisor().restart)


async def _end(request: HttpRequest, end: Callable[[Process], Awaitable[Ended]]) -> HttpResponse:
    try:
        ended = await end(_named(request))
    except ProcessGone as error:
        return _refusal(error, 409)
    except ChatError as error:
        return _refusal(error, 503)
    return JsonResponse({"name": ended.process.name, "pid": ended.process.pid, "at": ended.at})


def _named(request: HttpRequest) -> Process:
    """The process in the form. Raises `ProcessGone`: it names no process."""
    pid = request.POST.get("pid", "")
    if not (pid.isascii() and pid.isdigit() and len(pid) < 10):
        raise ProcessGone("unknown")
    return Process(request.POST.get("name", ""), int(pid))


async def _memory_answers(owner: str) -> bool:
    try:
        async with asyncio.timeout(MEMORY_PATIENCE):
            await components().memory.list_sessions(namespace_of(owner), size=1)
    except (MemoryServerError, TimeoutError):
        return False
    return True


def _refusal(error: ChatError, status: int) -> HttpResponse:
    return JsonResponse({"reason": worded(error, Situation.LOOKING)}, status=status)
