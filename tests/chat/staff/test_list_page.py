"""A list of sessions in the admin."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from chat.domain.details import SessionListing
from chat.sessions.inspection import PAGE, SessionList
from chat.staff.list_page import OFFERED, Choice, deletion_notice, list_context, shown_name


def asked(**query: str) -> HttpRequest:
    return RequestFactory().get("/", query)


def listed(count: int) -> SessionList:
    return SessionList([SessionListing(f"s{n}") for n in range(count)], ["a", "b"])


@pytest.mark.parametrize(
    ("count", "query", "newer", "older"),
    [
        (PAGE, {}, "", ""),  # the newest of all are one page
        (PAGE, {"namespace": "a"}, "", "2"),
        (PAGE, {"namespace": "a", "p": "2"}, "1", "3"),
        (PAGE - 1, {"namespace": "a", "p": "2"}, "1", ""),
    ],
)
def test_a_page_of_a_namespace_links_to_its_neighbours(count, query, newer, older):
    """A page that is not full is the last."""
    context = list_context(listed(count), asked(**query))
    assert [context["newer"].partition("p=")[2], context["older"].partition("p=")[2]] == [newer, older]
    assert len(context["rows"]) == count


def test_too_many_namespaces_are_only_counted():
    """No sessions are listed until a namespace is chosen."""
    context = list_context(SessionList(None, ["a", "b", "c"]), asked())
    assert (context["rows"], context["too_many"]) == ([], 3)


def chosen(choices: list[Choice]) -> list[str]:
    return [choice.name for choice in choices if choice.chosen]


@pytest.mark.parametrize(
    ("query", "name"),
    [({}, "Newest of all"), ({"none": "1"}, "In no namespace"), ({"namespace": "b"}, "b")],
)
def test_the_open_list_is_selected_in_the_filter(query, name):
    """The newest of all, no namespace, and each namespace."""
    context = list_context(listed(1), asked(**query))
    assert [choice.name for choice in context["choices"]] == ["Newest of all", "In no namespace", "a", "b"]
    assert chosen(context["choices"]) == [name]


def test_a_search_finds_namespaces_that_are_not_offered():
    """And one that the server does not list."""
    many = SessionList([], [f"n{number}" for number in range(OFFERED + 3)])
    assert list_context(many, asked())["not_offered"] == 3
    assert list_context(many, asked(find="n52"))["choices"][-1].name == "n52"
    assert list_context(many, asked(find="elsewhere"))["choices"][-1].name == "elsewhere"


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        (None, "In no namespace"),
        ("", "In the namespace with an empty name"),
        (" ", "In the namespace “ ”"),
        ("a\n", "a\\n"),
    ],
)
def test_every_namespace_has_a_readable_name(namespace, name):
    """Also if its name is empty or blank."""
    assert shown_name(namespace) == name


def test_a_deletion_is_reported():
    """One session by its id, several by their number."""
    assert deletion_notice(["a"]) == "The session “a” was deleted."
    assert deletion_notice(["a", "b"]) == "2 sessions were deleted."
