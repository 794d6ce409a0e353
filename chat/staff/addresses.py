"""Where the admin's pages of sessions lead, and what is asked for by an address."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.utils import quote, unquote
from django.http import HttpRequest
from django.urls import reverse

from chat.domain.session_ids import Session, any_session
from chat.web import paging

#: What a page of a list is known by; the pages of a session keep it, so that one comes back to where one was.
#: ``none``: the sessions in no namespace. ``namespace`` may be empty: that is a name like any other.
LIST_PARAMETERS = ("namespace", "none", "p", "find")


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


def wanted_list(request: HttpRequest) -> OneNamespace | None:
    """The list that is asked for; None: that of all namespaces."""
    if not {"namespace", "none"} & request.GET.keys():
        return None
    return OneNamespace(request.GET.get("namespace"), page_number(request))


def listed_session(memory_id: str, request: HttpRequest) -> Session:
    """The session, in the namespace whose list the request comes from: the original Motörhead lists it there."""
    namespace = request.GET.get("namespace")
    return Session(memory_id, namespace) if namespace else any_session(memory_id)


def _list_query(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in LIST_PARAMETERS if name in request.GET}
