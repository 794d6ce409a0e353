"""Who the page belongs to, for the menu at the end of the list of sessions and for the pages of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chat.accounts.current import account_of_visit
from chat.components import components
from chat.domain.exceptions import AccountsUnreachable, MemoryServerError, RunLogUnreachable
from chat.domain.sentences import Situation
from chat.grants.credentials import Visit
from chat.page import fragments
from chat.sessions.listing import list_own
from chat.web.visitor import OwnedRequest
from chat.web.wording import worded


@dataclass(frozen=True, slots=True)
class Here:
    """The sessions of a visitor's browser: how many (None: memory is away), and whether the server can move them."""

    sessions: int | None
    can_move: bool


async def account_context(request: HttpRequest) -> dict[str, Any]:
    """Template context: the name of who is signed in ("" for a visitor), and whether sessions are on their way.

    ``trouble``: somebody is signed in, and why it is not known who.
    """
    visit = cast(OwnedRequest, request).visit
    try:
        account = await account_of_visit(visit)
        waiting = bool(account and await components().grants.moves.under_way(visit.owner))
    except RunLogUnreachable:
        return {"account": {"name": "", "waiting": False}}
    except AccountsUnreachable as error:
        return {"account": {"name": "", "waiting": False, "trouble": worded(error, Situation.LOOKING)}}
    name = account.user.get_username() if account else ""
    return {"account": {"name": name, "waiting": waiting, "may_sign_up": settings.CHAT_SIGN_UP == "open"}}


async def sessions_here(known: Visit | None) -> Here:
    """The sessions that a visitor can take along."""
    if known is None:
        return Here(0, can_move=True)
    memory = components().memory
    try:
        listings = await list_own(known.owner, memory)
        newest = await memory.get_memory(listings[0].memory_id) if listings else None
    except MemoryServerError:
        return Here(None, can_move=True)
    return Here(len(listings), can_move=newest is None or newest.can_change)


def place_after(request: HttpRequest) -> str:
    """Where somebody goes on who has signed in: ``next``, the session from which they came, or a new one."""
    hosts = {request.get_host()}
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    came_from = request.headers.get("Referer", "")
    path = urlsplit(came_from).path if url_has_allowed_host_and_scheme(came_from, hosts) else ""
    return path if path.startswith(fragments.session_root()) else reverse("chat:home")
