"""Calls about access: tickets, and visits of other sites' pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.params.functions import Query
from pydantic import ConfigDict, Field

from chat.api import visits
from chat.components import components
from chat.grants.credentials import Token
from chat.grants.scopes import Access
from chat.web.addresses import network_of_request
from chat.web.page_limit import page_limit
from chat.web.tokens import LONGEST_TICKET, TICKET_LIFETIME, issue_ticket, read_bearer

router = Router(tags=["Access"])


class Ticket(Schema):
    """A ticket for one connection or one call, as the parameter `ticket` of its address."""

    ticket: str
    expires_in: Annotated[int, Field(description="Seconds.")]


class TicketFor(Schema):
    """Whose sessions a ticket opens, and how long it is good for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"owner": "user-42"}]})

    owner: Annotated[
        str | None, Field(description="One of the tenant's owners, with the token of a service; null: the token's own.")
    ] = None
    expires_in: Annotated[int, Field(ge=1, le=int(LONGEST_TICKET.total_seconds()), description="Seconds.")] = int(
        TICKET_LIFETIME.total_seconds()
    )


def ticket_for(token: Token, access: Access, wanted: TicketFor) -> Ticket:
    """The ticket that the token buys. Raises `AccessDenied` and `InvalidRequest`: it is not for that owner."""
    owner = access.owner_of_ticket(token.owner, wanted.owner)
    ticket = issue_ticket(token, owner, timedelta(seconds=wanted.expires_in))
    return Ticket(ticket=ticket, expires_in=wanted.expires_in)


@router.post("/ticket", response=Ticket, auth=None)
async def issue(request: HttpRequest, wanted: TicketFor | None = None) -> Ticket:
    """Buy a ticket with a bearer token. It is for a browser, where tokens do not belong."""
    token = read_bearer(request.headers.get("Authorization"), "no_bearer")
    access = await components().grants.confirm(token, request.headers.get("Origin"))
    page_limit().take(token.owner, network_of_request(request))
    return ticket_for(token, access, wanted or TicketFor())


@router.post("/visit", response={204: None}, auth=None)
async def begin_visit(request: HttpRequest) -> HttpResponse:
    """Begin a visit. The browser gets a visitor's cookie, unless it has one. For pages of allowed origins alone."""
    return await visits.visit(request)


@router.delete("/visit", response={204: None}, auth=None)
async def end_visit(
    request: HttpRequest,
    everywhere: Literal["yes", "no"] = Query("no", description="yes: in all browsers of this owner."),
) -> HttpResponse:
    """Sign out. The visit ends, and its websockets are closed. For pages of allowed origins alone."""
    return await visits.visit(request)
