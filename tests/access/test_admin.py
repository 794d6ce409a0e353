"""Every page of the admin, with each permission."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import httpx
import pytest
from django.contrib import admin
from django.urls import URLPattern, URLResolver

from tests.access.conftest import CHAT, PERMISSIONS
from tests.access.people import SECRET, People
from tests.support.access_tables import rows_of
from tests.support.cookies import csrf_token
from tests.support.servers import Site
from tests.support.staff import Staff, manage, signed_in

#: What a cell may say instead of permissions. Superusers may do what somebody may.
EVERYBODY, STAFF, ANY, NOBODY = "everybody", "staff", "any permission of the app", "nobody"
#: The page that ends the login comes last.
LAST = "POST /admin/logout/"

MAKE = """
from datetime import timedelta
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, User
from django.utils.timezone import now
from chat.models import Account, Invitation
user = User.objects.create(username="somebody")
Group.objects.create(pk=7, name="a group")
Account.objects.create(pk=7, user=user, owner="somebody")
Invitation.objects.create(pk=7, digest="x", expires_at=now() + timedelta(days=1))
LogEntry.objects.create(pk=7, user=user, action_flag=ADDITION)
print(user.pk)
"""


def paths() -> Iterator[str]:
    """Every path of the admin, with its parameters in braces."""

    def below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, prefix + str(pattern.pattern))
            else:
                yield prefix + _written(pattern)

    yield from below(admin.site.urls[0], "/admin/")


def _written(pattern: URLPattern) -> str:
    match pattern.name:
        case "app_list":
            return "{app}/"
        case None if str(pattern.pattern) == "(?P<url>.*)$":
            return "{anything}"
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))


def rows() -> dict[str, list[str]]:
    """Who may ask for each page, as docs/security.md says."""
    found = rows_of("admin page", ["who may"])
    return {row: cells[0].replace("`", "").split(", ") for row, cells in found.items()}


@pytest.fixture(scope="module")
def somebody(site: Site) -> str:
    """The id of a user, beside objects of every other kind with the id 7."""
    return manage(site, "shell", "--no-imports", "-c", MAKE).strip()


@pytest.fixture(scope="module")
def signed(site: Site) -> Iterator[Callable[[str], Staff]]:
    """Clients by account; "" is not signed in."""
    with ExitStack() as clients:
        yield cache(lambda name: clients.enter_context(signed_in(site, name or None)))


def ask(people: People, client: Staff, row: str, user_id: str) -> httpx.Response:
    """The answer to a request; what would be deleted does not exist."""
    method, path = row.split(" ")
    object_id = user_id if "/auth/user/" in path else "7"
    object_id = f"{people.owner.owner}.trip" if "/chat/session/" in path else object_id
    object_id = "0" if method == "POST" and path.endswith("/delete/") else object_id
    values = {"object_id": object_id, "id": user_id, "content_type_id": "1", "app": "chat", "anything": "x"}
    address = path.format(**values)
    if method == "GET":
        return client.get(address)
    if not client.cookies:
        client.get("/admin/login/")
    return client.post(address, data={"csrfmiddlewaretoken": csrf_token(client)})


def is_denied(answer: httpx.Response) -> bool:
    """Whether the answer is a refusal, the way to the login, or that there is no such page."""
    return answer.status_code in {403, 404} or "/admin/login/" in answer.headers.get("Location", "")


def may(cells: list[str], account: str) -> bool:
    """Whether the account may do what the row says."""
    if cells in ([EVERYBODY], [NOBODY]):
        return cells == [EVERYBODY]
    if account in {"", "root"}:
        return account == "root"
    given = {*PERMISSIONS[account]}
    if cells in ([STAFF], [ANY]):
        return cells == [STAFF] or not given.isdisjoint(CHAT)
    return any({*each.split(" and ")} <= given for each in cells)


def test_the_table_has_a_row_for_every_page(people: People, signed: Callable[[str], Staff], somebody: str):
    """With each of its methods, and for no other."""
    people.reset()
    asked = [f"{method} {path}" for path in paths() for method in ("GET", "POST") if path != "/admin/logout/"]
    known = [row for row in asked if ask(people, signed("root"), row, somebody).status_code != 405]
    assert sorted(rows()) == sorted([*known, LAST])


def check(people: People, signed: Callable[[str], Staff], somebody: str, row: str) -> None:
    """Ask for a page with every account."""
    for account in ("", *PERMISSIONS, "root"):
        answer = ask(people, signed(account), row, somebody)
        found = f"{row} as {account or 'a visitor'}: {answer.status_code} {answer.headers}"
        assert answer.status_code < 500, found
        assert is_denied(answer) != may(rows()[row], account), found
        assert may(rows()[row], account) or SECRET not in answer.text, found


@pytest.mark.parametrize("row", [row for row in rows() if row != LAST])
def test_a_page_is_for_those_in_the_table(people: People, signed: Callable[[str], Staff], somebody: str, row: str):
    """Others are shown nothing."""
    people.reset()
    check(people, signed, somebody, row)


def test_everybody_may_end_their_login(people: People, signed: Callable[[str], Staff], somebody: str):
    """Also those who have none."""
    check(people, signed, somebody, LAST)
