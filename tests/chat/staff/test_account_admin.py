"""Accounts and invitations in the admin, on a site on which one signs up by invitation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx
import pytest

from tests.support.cookies import csrf_token
from tests.support.html import parse
from tests.support.servers import PATIENCE, Site
from tests.support.staff import PASSWORD, Staff, manage

INVITATIONS, ACCOUNTS = "/admin/chat/invitation/", "/admin/chat/account/"


@pytest.fixture
def host(signed: Callable[[str | None], Staff]) -> Staff:
    """A member of staff who invites guests, and may delete their accounts."""
    return signed("host")


def sign_up(site: Site, link: str, name: str) -> httpx.Response:
    """Follow an invitation's link, and sign up."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30 * PATIENCE, follow_redirects=True) as browser:
        page = browser.get(link)
        if page.status_code != HTTPStatus.OK:
            return page
        (secret,) = parse(page.text).values("invitation")
        fields = {"username": name, "password1": PASSWORD, "password2": PASSWORD, "invitation": secret}
        return browser.post("/account/sign-up", data={"csrfmiddlewaretoken": csrf_token(browser), **fields})


def test_a_guest_signs_up_with_the_link_once(site: Site, host: Staff) -> None:
    """The link is shown once. Staff see who has used one, and who has which owner."""
    made = host.submit(f"{INVITATIONS}add/", note="Anna", days="3")
    assert "no-store" in made.headers["Cache-Control"]
    link = parse(made.text).all("pre", id="link")[0].text
    assert link.startswith(f"{site.url}/account/sign-up?invitation=")
    assert "/s/" in str(sign_up(site, link, "anna").url)
    again = sign_up(site, link, "bert")
    assert again.status_code == HTTPStatus.FORBIDDEN
    assert "This invitation was used before" in again.text
    listed = parse(host.get(INVITATIONS).text).all("table", id="result_list")[0].rows()
    assert [(row[1], row[-1] != "-") for row in listed] == [("Anna", True)]
    assert link.rpartition("=")[2] not in host.get(INVITATIONS).text
    accounts = parse(host.get(ACCOUNTS).text).all("table", id="result_list")[0].rows()
    assert [row[1] for row in accounts] == ["anna"]


def test_a_link_from_the_command_line(site: Site) -> None:
    """It has the site's address, also without CHAT_PUBLIC_URL."""
    link = manage(site, "invite", "--note", "Carl").strip()
    assert link.startswith(f"{site.url}/account/sign-up?invitation=")
    assert "/s/" in str(sign_up(site, link, "carl").url)


def test_without_an_invitation_nobody_signs_up(site: Site) -> None:
    """The page says how it is done here."""
    for link, said in (("/account/sign-up", "by invitation"), ("/account/sign-up?invitation=x", "used before")):
        refused = sign_up(site, link, "dora")
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert said in refused.text


def test_staff_without_permissions_see_and_change_nothing(signed: Callable[[str | None], Staff], host: Staff) -> None:
    """Nobody changes an account's owner or an invitation."""
    for address in (INVITATIONS, f"{INVITATIONS}add/", ACCOUNTS):
        assert signed("nothing").get(address).status_code == HTTPStatus.FORBIDDEN
    assert host.get(f"{ACCOUNTS}add/").status_code == HTTPStatus.FORBIDDEN


@contextmanager
def signed_up(site: Site, host: Staff, name: str) -> Iterator[Callable[[], bool]]:
    """Somebody who has just signed up; call it to see whether they still are signed in."""
    link = parse(host.submit(f"{INVITATIONS}add/", note=name, days="3").text).all("pre", id="link")[0].text
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30 * PATIENCE, follow_redirects=True) as browser:
        browser.get(link)
        fields = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
        fields |= {"csrfmiddlewaretoken": csrf_token(browser), "invitation": link.rpartition("=")[2]}
        owner = parse(browser.post("/account/sign-up", data=fields).text).all("body")[0].attributes["data-owner"]
        headers = {"Page-Owner": owner}
        yield lambda: browser.get("/visit", headers=headers).status_code == HTTPStatus.NO_CONTENT


def test_a_user_whom_staff_delete_is_signed_out(site: Site, host: Staff) -> None:
    """With the account all of its visits end, although no worker looks into the database for that."""
    with signed_up(site, host, "emil") as is_signed_in:
        assert is_signed_in()
        (row,) = [row for row in parse(host.get(ACCOUNTS).text).all("tr") if "emil" in row.text]
        (address,) = [link.attributes["href"] for link in row.all("a")]
        host.submit(address.replace("/change/", "/delete/"), post="yes")
        assert not is_signed_in()


def test_another_password_by_a_command_signs_out(site: Site, host: Staff) -> None:
    """The command finds the site's Redis."""
    change = "user = User.objects.get(username='fritz'); user.set_password('another'); user.save()"
    with signed_up(site, host, "fritz") as is_signed_in:
        assert is_signed_in()
        manage(site, "shell", "-v", "0", "-c", f"from django.contrib.auth.models import User; {change}")
        assert not is_signed_in()
