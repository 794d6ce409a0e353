"""What the admin's pages of sessions show, and where their links lead: no request is made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest
from django.urls import reverse

from chat.domain.exceptions import ChatError, MemoryRefused
from chat.domain.messages import FoldState, Message, SessionListing
from chat.domain.session_ids import Session, any_session
from chat.sessions.inspection import PAGE, Inspection, SessionList
from chat.web import paging

#: Namespaces that the filter offers at once; typing a part of a name finds the others.
OFFERED = 50
#: What a page of a list is known by; the pages of a session keep it, so that one comes back to where one was.
#: ``none``: the sessions in no namespace. ``namespace`` may be empty: that is a name like any other.
LIST_PARAMETERS = ("namespace", "none", "p", "find")

NO_PLACE = "There is no such place in this session. Its newest messages are shown."
_BAD_REQUEST = 400


FOLD_STATES = {
    FoldState.IDLE: "Nothing waits to be summarised.",
    FoldState.PENDING: "Messages wait to be summarised.",
    FoldState.PARKED: "The memory server gave up for now. Nothing is lost: the messages stay in the window.",
    FoldState.OFF: "Folding is switched off on this memory server.",
    FoldState.UNKNOWN: "This memory server does not tell.",
}


# --- Ids and addresses ----------------------------------------------------------------------------------------


def quote_id(memory_id: str) -> str:
    """Any memory id as one segment of a path, and as the value of a form's field."""
    if not memory_id.strip("."):  # a browser takes "." and ".." for steps
        return "_2E" * len(memory_id)
    return quote(memory_id).replace("\r", "_0D")  # a form would make it a new line


def read_id(quoted: str) -> str:
    """The memory id that was quoted."""
    return unquote(quoted.replace("_2E", ".").replace("_0D", "\r"))


def printable(memory_id: str) -> str:
    """A memory id for the eye: what would be invisible, or turn the writing around, is written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in memory_id)


def address(view: str, memory_id: str, request: HttpRequest | None = None, **query: str) -> str:
    """Where a session is shown (``change``) or deleted (``delete``), on the way from the list in ``request``."""
    kept = _list_query(request) if request else {}
    return reverse(f"admin:chat_session_{view}", args=[quote_id(memory_id)], query=kept | query or None)


def list_address(request: HttpRequest, **query: str) -> str:
    """The list that the request comes from, changed by ``query``."""
    return reverse("admin:chat_session_changelist", query=_list_query(request) | query or None)


def page_number(request: HttpRequest) -> int:
    """The page of the list that is asked for, from 1."""
    return paging.page_number(request.GET.get("p", "")) or 1


@dataclass(frozen=True, slots=True)
class OneNamespace:
    """The list of one namespace, and the page of it. ``name`` is None for the sessions in no namespace."""

    name: str | None
    page: int


def wanted(request: HttpRequest) -> OneNamespace | None:
    """The list that is asked for; None: that of all namespaces."""
    if not {"namespace", "none"} & request.GET.keys():
        return None
    return OneNamespace(request.GET.get("namespace"), page_number(request))


def is_no_place(error: ChatError, request: HttpRequest) -> bool:
    """Whether ``error`` may be that the message ``?before=`` can be no message."""
    return "before" in request.GET and isinstance(error, MemoryRefused) and error.status == _BAD_REQUEST


def session(memory_id: str, request: HttpRequest) -> Session:
    """The session, in the namespace whose list the request comes from: the original Motörhead lists it there."""
    namespace = request.GET.get("namespace")
    return Session(memory_id, namespace) if namespace else any_session(memory_id)


def _list_query(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in LIST_PARAMETERS if name in request.GET}


# --- The list -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A session in the list."""

    quoted: str
    shown_id: str
    address: str
    listing: SessionListing


@dataclass(frozen=True, slots=True)
class Choice:
    """A list that the filter offers."""

    name: str
    address: str
    chosen: bool


def list_context(found: SessionList, request: HttpRequest) -> dict[str, Any]:
    """A page of the list, its neighbours, and the filter by namespace."""
    listings, page = found.listings or [], page_number(request)
    paged = wanted(request) is not None
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
    if find and find not in names:  # the original cannot say which there are
        names.insert(0, find)
    newest = Choice("Newest of all", reverse("admin:chat_session_changelist"), wanted(request) is None)
    return {
        "find": find,
        "choices": [newest, _choice(None, request)] + [_choice(name, request) for name in names[:OFFERED]],
        "not_offered": max(len(names) - OFFERED, 0),
    }


def _choice(namespace: str | None, request: HttpRequest) -> Choice:
    find = {"find": request.GET["find"]} if "find" in request.GET else {}
    query = {"none": "1"} if namespace is None else {"namespace": namespace}
    listed = wanted(request)
    chosen = listed is not None and listed.name == namespace
    return Choice(shown_name(namespace), reverse("admin:chat_session_changelist", query=query | find), chosen)


def shown_name(namespace: str | None) -> str:
    """A namespace for the eye, also where its name has nothing to see in it."""
    if namespace is None:
        return "In no namespace"
    if not namespace:
        return "In the namespace with an empty name"
    return printable(namespace) if namespace.strip() else f"In the namespace “{printable(namespace)}”"


# --- A session ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and whether it is in the summary by now."""

    message: Message
    folded: bool


def session_context(found: Inspection, memory_id: str, request: HttpRequest) -> dict[str, Any]:
    """Everything that is remembered of a session."""
    in_window = {message.id for message in found.memory.messages}
    before = found.page.before
    return {
        "shown_id": printable(memory_id),
        "namespace": any_session(memory_id).namespace,
        "memory": found.memory,
        "fold": FOLD_STATES[found.memory.window.fold],
        "said": [Said(message, message.id not in in_window) for message in found.page.messages],
        "versions": found.versions,
        "earlier": address("change", memory_id, request, before=before) if before else "",
        "newest": address("change", memory_id, request) if "before" in request.GET else "",
        "delete_address": address("delete", memory_id, request),
        "page_address": reverse("chat:any", query={"id": memory_id}),
    }


# --- Sentences ------------------------------------------------------------------------------------------------


def deleted(memory_ids: Sequence[str]) -> str:
    """That these sessions are gone."""
    if len(memory_ids) == 1:
        return f"The session “{printable(memory_ids[0])}” was deleted."
    return f"{len(memory_ids)} sessions were deleted."
