"""Who calls: the owner in a bearer token, in a ticket, or in the visitor's cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from ninja.utils import check_csrf

from chat.components import Components, components
from chat.domain.exceptions import AccessDenied
from chat.domain.session_ids import Session, owned_session
from chat.grants.credentials import Credential
from chat.grants.scopes import Scope
from chat.turns.ports import MemoryPort
from chat.web.addresses import network_of_request
from chat.web.asker import name_asker
from chat.web.cookies import frontend_visit_in, visit_in
from chat.web.handshake import is_own_origin, origin_allowed
from chat.web.page_limit import page_limit
from chat.web.tokens import read_bearer, read_ticket
from chat.web.visitor import check_visit

#: The methods that change nothing.
SAFE = frozenset({"GET", "HEAD"})
#: Where a browser's request without an Origin may come from: the site's own pages, or the address bar.
OWN = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner whose sessions a request is about, and the parts of this process."""

    owner: str
    parts: Components

    @property
    def memory(self) -> MemoryPort:
        """The memory of all sessions."""
        return self.parts.memory

    def session(self, session_id: str) -> Session:
        """The owner's session ``session_id``. Raises `InvalidSession`: the id is malformed."""
        return owned_session(self.owner, session_id)


def caller_of(request: HttpRequest) -> Caller:
    """The caller of an operation."""
    return cast(Caller, cast(Any, request).auth)


async def authenticate(request: HttpRequest) -> Caller:
    """The caller, for ``auth`` of an operation; each call counts as opening a page.

    Raises `AccessDenied`: there is no credential that holds; `TooManyPages`; `RunLogUnreachable`: Redis does not know.
    """
    credential, parts = read_credential(request), components()
    access = await parts.grants.confirm(credential, request.headers.get("Origin"))
    access.check(scope_of(request.method or ""))
    network = network_of_request(request)
    page_limit().take(credential.owner, network)
    name_asker(credential.owner, network)
    return Caller(credential.owner, parts)


def scope_of(method: str) -> Scope:
    """What a token must be for to make a call with this method."""
    if method in SAFE:
        return Scope.READ
    return Scope.ADMIN if method == "DELETE" else Scope.WRITE


def read_credential(request: HttpRequest) -> Credential:
    """The credential of a request, which may have been taken back. Raises `AccessDenied`: there is no valid one."""
    if written := request.headers.get("Authorization"):
        return read_bearer(written, "scheme")
    if ticket := request.GET.get("ticket"):
        return read_ticket(ticket)
    check_origin(request)
    if visit := visit_in(request.COOKIES) or frontend_visit_in(request.COOKIES):
        check_visit(request.headers.get("Page-Owner"), visit.owner)
        return visit
    raise AccessDenied("no_credential")


def check_origin(request: HttpRequest) -> None:
    """Return if a page may use the visitor's cookie: one of the site, or of an allowed origin.

    The site's own pages prove it with their token against forged requests where they change something. Browsers send
    no Origin when a page reads from its own site. Raises `AccessDenied`.
    """
    scope, safe = cast(ASGIRequest, request).scope, request.method in SAFE
    if "Origin" not in request.headers:
        if not safe or request.headers.get("Sec-Fetch-Site", "none") not in OWN:
            raise AccessDenied("origin", 4403)
        return
    if not origin_allowed(scope):
        raise AccessDenied("origin", 4403)
    if not safe and is_own_origin(scope) and check_csrf(request):
        raise AccessDenied("csrf", 4403)
