"""Memory ids in the admin's URLs and forms, and the lists that URLs ask for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import RequestFactory
from hypothesis import example, given, settings, strategies as st

from chat.staff.addresses import (
    OneNamespace,
    address,
    list_address,
    listed_session,
    printable,
    quote_id,
    read_id,
    wanted_list,
)

#: Any text that JSON can carry: no lone surrogates.
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(deadline=None)
@given(IDS)
@example("..")
@example("_2E")
@example("_5F2E\r\n")
def test_a_quoted_id_names_the_same_session(memory_id: str) -> None:
    """Any id survives quoting, as one path segment that browsers leave alone."""
    quoted = quote_id(memory_id)
    assert read_id(quoted) == memory_id
    assert not {"/", "?", "#", "%", "\r", "\n", '"'} & set(quoted)
    assert quoted not in {"", ".", ".."}


@settings(deadline=None)
@given(IDS, IDS)
def test_two_ids_never_share_a_url(one: str, other: str) -> None:
    """The session that is deleted is always the one that was opened."""
    assert (quote(quote_id(one)) == quote(quote_id(other))) == (one == other)


@pytest.mark.parametrize(
    ("memory_id", "shown"),
    [
        ("owner.session-1", "owner.session-1"),
        ("Möt 日本", "Möt 日本"),
        ("a\u202eb\n", "a\\u202eb\\n"),
        ("\x00", "\\x00"),
    ],
)
def test_misleading_characters_are_escaped(memory_id: str, shown: str) -> None:
    """Letters of any script stay; invisible and bidirectional controls are escaped."""
    assert printable(memory_id) == shown


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, None),
        ({"p": "3"}, None),  # the newest of all are one page
        ({"namespace": "chat.owner"}, OneNamespace("chat.owner", 1)),
        ({"namespace": "", "p": "2"}, OneNamespace("", 2)),
        ({"none": "1", "p": "x"}, OneNamespace(None, 1)),
    ],
)
def test_a_url_asks_for_a_list(query: dict[str, str], wanted: OneNamespace | None) -> None:
    """A namespace may have an empty name; an invalid page counts as the first."""
    assert wanted_list(RequestFactory().get("/", query)) == wanted


def test_links_lead_back_to_the_list_that_was_left() -> None:
    """Its namespace, page and search stay in the URL."""
    request = RequestFactory().get("/", {"namespace": "n", "p": "2", "find": "a", "before": "7"})
    assert list_address(request, p="3") == "/admin/chat/session/?namespace=n&p=3&find=a"
    assert address("change", "a/b", request) == "/admin/chat/session/a_2Fb/change/?namespace=n&p=2&find=a"
    assert address("delete", "x") == "/admin/chat/session/x/delete/"


def test_a_session_is_in_the_namespace_of_the_open_list() -> None:
    """Without one, its id decides."""
    assert listed_session("x", RequestFactory().get("/", {"namespace": "n"})).namespace == "n"
    assert listed_session("owner.s", RequestFactory().get("/")).namespace == "chat.owner"
    assert listed_session("x", RequestFactory().get("/")).namespace is None
