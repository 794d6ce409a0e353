"""The contents of the admin's list of sessions. Sends no requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from chat.domain.details import SessionListing
from chat.sessions.inspection import PAGE, SessionList
from chat.staff.addresses import address, list_address, page_number, printable, quote_id, wanted_list

#: Namespaces that the filter offers at once; typing part of a name finds the others.
OFFERED = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A session in the list."""

    quoted: str
    shown_id: str
    address: str
    listing: SessionListing


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice in the filter by namespace."""

    name: str
    address: str
    chosen: bool


def list_context(found: SessionList, request: HttpRequest) -> dict[str, Any]:
    """Template context: a page of the list, links to its neighbours, and the filter by namespace."""
    listings, page = found.listings or [], page_number(request)
    paged = wanted_list(request) is not None
    return {
        "rows": [_row(listing, request) for listing in listings],
        "too_many": len(found.namespaces) if found.listings is None else 0,
        "newer": list_address(request, p=str(page - 1)) if paged and page > 1 else "",
        "older": list_address(request, p=str(page + 1)) if paged and len(listings) == PAGE else "",
        "page": page,
    } | _filter_context(found.namespaces, request)


def _row(listing: SessionListing, request: HttpRequest) -> Row:
    memory_id = listing.memory_id
    return Row(quote_id(memory_id), printable(memory_id), address("change", memory_id, request), listing)


def _filter_context(namespaces: Sequence[str], request: HttpRequest) -> dict[str, Any]:
    find = request.GET.get("find", "")
    names = [name for name in namespaces if find in name]
    if find and find not in names:  # the original server cannot list namespaces
        names.insert(0, find)
    newest = Choice(gettext("Newest of all"), reverse("admin:chat_session_changelist"), wanted_list(request) is None)
    return {
        "find": find,
        "choices": [newest, _choice(None, request)] + [_choice(name, request) for name in names[:OFFERED]],
        "not_offered": max(len(names) - OFFERED, 0),
    }


def _choice(namespace: str | None, request: HttpRequest) -> Choice:
    find = {"find": request.GET["find"]} if "find" in request.GET else {}
    query = {"none": "1"} if namespace is None else {"namespace": namespace}
    listed = wanted_list(request)
    chosen = listed is not None and listed.name == namespace
    return Choice(shown_name(namespace), reverse("admin:chat_session_changelist", query=query | find), chosen)


def shown_name(namespace: str | None) -> str:
    """A namespace for display, readable even if its name is empty or blank."""
    if namespace is None:
        return gettext("In no namespace")
    if not namespace:
        return gettext("In the namespace with an empty name")
    name = printable(namespace)
    return name if namespace.strip() else gettext("In the namespace “{name}”").format(name=name)


def deletion_notice(memory_ids: Sequence[str]) -> str:
    """A sentence that these sessions were deleted."""
    if len(memory_ids) == 1:
        return gettext("The session “{name}” was deleted.").format(name=printable(memory_ids[0]))
    return gettext("{count} sessions were deleted.").format(count=len(memory_ids))
