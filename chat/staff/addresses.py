"""URLs of the admin's pages about sessions: building them, and reading what one asks for."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest
from django.urls import reverse

from chat.domain.session_ids import Session, any_session
from chat.web import paging

#: Query parameters of the list; the pages of a session keep them, so that their links lead back to the same list.
#: ``none``: the sessions in no namespace. ``namespace`` may be empty: the empty string is a valid name.
LIST_PARAMETERS = ("namespace", "none", "p", "find")


def quote_id(memory_id: str) -> str:
    """A memory id as one path segment, also safe as the value of a form field."""
    if not memory_id.strip("."):  # browsers resolve "." and ".."
        return "_2E" * len(memory_id)
    return quote(memory_id).replace("\r", "_0D")  # a form would turn it into a line break


def read_id(quoted: str) -> str:
    """The memory id behind ``quoted``."""
    return unquote(quoted.replace("_2E", ".").replace("_0D", "\r"))


def printable(memory_id: str) -> str:
    """A memory id for display: characters that are invisible or reverse the text are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in memory_id)


def address(view: str, memory_id: str, request: HttpRequest | None = None, **query: str) -> str:
    """The URL that shows (``change``) or deletes (``delete``) a session, with the list of ``request`` to go back to."""
    kept = _list_query(request) if request else {}
    return reverse(f"admin:chat_session_{view}", args=[quote_id(memory_id)], query=kept | query or None)


def list_address(request: HttpRequest, **query: str) -> str:
    """The URL of the list that the request comes from, with ``query`` applied."""
    return reverse("admin:chat_session_changelist", query=_list_query(request) | query or None)


def page_number(request: HttpRequest) -> int:
    """The requested page of the list, from 1."""
    return paging.page_number(request.GET.get("p", "")) or 1


@dataclass(frozen=True, slots=True)
class OneNamespace:
    """A page of the list of one namespace. A ``name`` of None means the sessions in no namespace."""

    name: str | None
    page: int


def wanted_list(request: HttpRequest) -> OneNamespace | None:
    """The requested list; None for the list of all namespaces."""
    if not {"namespace", "none"} & request.GET.keys():
        return None
    return OneNamespace(request.GET.get("namespace"), page_number(request))


def listed_session(memory_id: str, request: HttpRequest) -> Session:
    """The session, in the namespace of the list that it was opened from: the original Motörhead lists it there."""
    namespace = request.GET.get("namespace")
    return Session(memory_id, namespace) if namespace else any_session(memory_id)


def _list_query(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in LIST_PARAMETERS if name in request.GET}
