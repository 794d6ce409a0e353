"""Signing up, in and out on the page of a site on which anybody may sign up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from itertools import count
from typing import Any, TypeAlias

import httpx
import pytest
import redis

from tests.chat.page.views.sessions import remember_own
from tests.support.cookies import csrf_token
from tests.support.html import Element, parse
from tests.support.servers import PATIENCE, Site
from tests.support.staff import PASSWORD

NewBrowser: TypeAlias = Callable[..., httpx.Client]
NAMES = (f"anna{number}" for number in count())


@pytest.fixture
def browser(site: Site) -> Iterator[NewBrowser]:
    """Makes browsers, which follow redirects; ``cookies`` are those of another."""
    with ExitStack() as stack:

        def make(cookies: httpx.Cookies | None = None) -> httpx.Client:
            options: Any = {"base_url": site.url, "trust_env": False, "timeout": 30 * PATIENCE}
            return stack.enter_context(httpx.Client(follow_redirects=True, cookies=cookies, **options))

        yield make


def submit(browser: httpx.Client, page: str, **fields: str) -> httpx.Response:
    """Fill in the form of a page of accounts."""
    browser.get(f"/account/{page}")
    return browser.post(f"/account/{page}", data={"csrfmiddlewaretoken": csrf_token(browser), **fields})


def sign_up(browser: httpx.Client) -> str:
    """Sign up, and return the name."""
    name = next(NAMES)
    answer = submit(browser, "sign-up", username=name, password1=PASSWORD, password2=PASSWORD)
    assert "/s/" in str(answer.url), answer.text
    return name


def sign_in(browser: httpx.Client, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """Sign in, and take the sessions along unless ``bring`` is ""."""
    return submit(browser, "sign-in", username=name, password=password, **{"bring": "yes", **fields})


def page_of(browser: httpx.Client) -> Element:
    return parse(browser.get("/s/other").text)


def who(browser: httpx.Client) -> str:
    """Whom the menu at the end of the list names."""
    return page_of(browser).all("details", of="who")[0].all("summary")[0].text


def owner(browser: httpx.Client) -> str:
    return page_of(browser).all("body")[0].attributes["data-owner"]


def sessions(browser: httpx.Client) -> list[str]:
    """The titles in the list of sessions."""
    links = page_of(browser).all("ul", id="sessions")[0].all("a")
    return sorted(link.text for link in links)


def said_on(answer: httpx.Response) -> str:
    return parse(answer.text).all("main")[0].text


def test_a_visitor_who_signs_up_keeps_owner_and_sessions(site: Site, browser: NewBrowser) -> None:
    """Cookies from before give no access any more, wherever they are."""
    one = browser()
    remember_own(site, one, "trip")
    copy, before = browser(one.cookies), owner(one)
    assert who(one) == "Visitor on this browser"
    name = sign_up(one)
    assert (who(one), owner(one), sessions(one)) == (name, before, ["trip"])
    assert owner(copy) != before
    assert "/s/" in str(one.get("/account/sign-up").url)  # not a second time


def test_signing_in_takes_the_visitor_s_sessions_along(site: Site, browser: NewBrowser) -> None:
    """All browsers that are signed in have all of them; a copy of the visitor's cookie has none."""
    one, other = browser(), browser()
    remember_own(site, one, "trip")
    name = sign_up(one)
    remember_own(site, other, "work")
    remember_own(site, other, "trip")  # the same id as in the account
    copy = browser(other.cookies)
    assert "Take the 2 sessions of this browser along" in said_on(other.get("/account/sign-in"))
    answer = sign_in(other, name, next="/s/work")
    assert answer.url.path == "/s/work"
    assert sessions(one) == sessions(other) == ["trip", "trip", "work"]
    assert (who(copy), sessions(copy)) == ("Visitor on this browser", [])


def test_sessions_that_were_left_on_the_way_are_fetched_from_the_menu(site: Site, browser: NewBrowser) -> None:
    """Where a move broke off, and the person does not want to sign in once more."""
    one, other = browser(), browser()
    sign_up(one)
    remember_own(site, other, "work")
    with redis.Redis.from_url(site.record()["redis"]) as client:
        client.sadd(f"chat:moves:{owner(one)}", owner(other))
    menu = page_of(one).all("details", of="who")[0]
    assert "Some sessions are not in your account yet." in menu.text
    assert menu.all("form")[0].attributes["action"] == "/account/bring"
    one.post("/account/bring", data={"csrfmiddlewaretoken": csrf_token(one)})
    assert sessions(one) == ["work"]
    assert page_of(one).all("details", of="who")[0].all("form") == []


def test_a_visitor_s_sessions_can_stay(site: Site, browser: NewBrowser) -> None:
    """They may be somebody else's, who has used this browser."""
    one, other = browser(), browser()
    name = sign_up(one)
    remember_own(site, other, "work")
    sign_in(other, name, bring="")
    assert (who(other), sessions(other)) == (name, [])


def test_an_unknown_name_and_a_wrong_password_have_the_same_answer(browser: NewBrowser) -> None:
    """And the visitor stays a visitor."""
    one = browser()
    name, answers = sign_up(one), []
    for each in (name, "nobody"):
        other = browser()
        before = owner(other)
        answers.append(said_on(sign_in(other, each, "a guess")).replace(each, ""))
        assert owner(other) == before
    assert answers[0] == answers[1]
    assert "The name or the password is wrong." in answers[0]


@pytest.mark.parametrize("place", ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(browser: NewBrowser, place: str) -> None:
    """Such a place is not even in the form."""
    one = browser()
    form = parse(one.get("/account/sign-in", params={"next": place}).text)
    assert form.values("next") == ["/"]
    sign_up(one)
    one.follow_redirects = False
    assert one.get("/account/sign-in", params={"next": place}).headers["Location"] == "/"


def test_the_session_from_which_somebody_came_is_the_place_after(browser: NewBrowser, site: Site) -> None:
    """As the browser names it, if it is one of this site."""
    one = browser()
    for referer, place in ((f"{site.url}/s/trip", "/s/trip"), ("https://example.com/s/trip", "/"), ("http://[", "/")):
        page = parse(one.get("/account/sign-in", headers={"Referer": referer}).text)
        assert page.values("next") == [place]


@pytest.mark.parametrize("page", ["sign-in", "sign-up", "password", "bring", "forget"])
def test_another_site_s_page_can_do_nothing(browser: NewBrowser, page: str) -> None:
    """Otherwise it could sign the visitor in to its own account, and would get their sessions."""
    one = browser()
    one.get("/account/sign-in")
    fields = {"username": "anna", "password": PASSWORD, "bring": "yes"}
    assert one.post(f"/account/{page}", data=fields).status_code == HTTPStatus.FORBIDDEN


def test_signing_out_leaves_a_new_visitor(site: Site, browser: NewBrowser) -> None:
    """The account goes on in other browsers, unless one signs out everywhere."""
    one, other = browser(), browser()
    name = sign_up(one)
    remember_own(site, one, "trip")
    sign_in(other, name)
    for query, left in (("", name), ("?everywhere=yes", "Visitor on this browser")):
        one.post(f"/visit/end{query}", headers={"X-CSRFToken": csrf_token(one)})
        assert (who(one), sessions(one)) == ("Visitor on this browser", [])
        assert who(other) == left
        sign_in(one, name)
    assert (who(one), sessions(one)) == (name, ["trip"])


def test_another_password_ends_all_other_visits(browser: NewBrowser) -> None:
    """The browser in which it was changed stays signed in."""
    one, other = browser(), browser()
    name = sign_up(one)
    sign_in(other, name)
    new = {"new_password1": "another of the tests", "new_password2": "another of the tests"}
    assert "incorrectly" in said_on(submit(one, "password", old_password="a guess", **new))
    submit(one, "password", old_password=PASSWORD, **new)
    assert (who(one), who(other)) == (name, "Visitor on this browser")
    sign_in(other, name, "another of the tests")
    assert who(other) == name


def test_a_visitor_has_no_password(browser: NewBrowser) -> None:
    """The page leads to the sign-in, and then back."""
    answer = browser().get("/account/password")
    assert (answer.url.path, answer.url.params["next"]) == ("/account/sign-in", "/account/password")


def test_staff_can_sign_in_on_the_page(browser: NewBrowser) -> None:
    """That opens sessions of their own, and not the admin."""
    one = browser()
    sign_in(one, "nothing")
    assert who(one) == "nothing"
    assert one.get("/admin/").url.path == "/admin/login/"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "", "password1": PASSWORD, "password2": PASSWORD}, "This field is required."),
        ({"username": "viewer", "password1": PASSWORD, "password2": PASSWORD}, "already exists"),
        ({"username": "bert", "password1": "short", "password2": "short"}, "too short"),
        ({"username": "<b>bert</b>", "password1": "a", "password2": "b"}, "Enter a valid username."),
    ],
)
def test_what_is_wrong_with_a_form_is_beside_its_field(browser: NewBrowser, fields: dict[str, str], said: str) -> None:
    """And nobody is signed up; passwords do not come back."""
    one = browser()
    answer = submit(one, "sign-up", **fields)
    assert said in said_on(answer)
    assert parse(answer.text).values("password1") == [""]
    assert who(one) == "Visitor on this browser"
