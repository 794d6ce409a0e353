"""The pages over HTTP: on a real site, with real cookies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from chat.page.fragments import SESSIONS_A_PAGE
from tests.support.html import Element, parse
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site
from tests.support.staff import make_staff, signed_in

ODD_IDS = ["a/b", "..", "..%2F..", "%2F", "a?b=c&d#e", "<script>alert(1)</script>", "Möt 日本", "two\nlines", ""]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one worker, and staff who may view sessions or nothing."""
    with (
        ScriptedOpenAI() as model,
        running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1", OPENAI_BASE_URL=model.url)) as site,
    ):
        assert isinstance(site, Site)
        make_staff(site, {"viewer": ["view_session"], "nothing": []})
        yield site


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    """Somebody new, who follows redirects."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30 * PATIENCE, follow_redirects=True) as client:
        yield client


def remember(site: Site, memory_id: str, *said: str) -> None:
    """Put messages into the memory as any Motörhead client would."""
    body = {"messages": [{"role": "AI" if n % 2 else "Human", "content": text} for n, text in enumerate(said)]}
    httpx.post(f"{site.record()['memory']}/sessions/{memory_id}/memory", json=body, trust_env=False).raise_for_status()


def memory_id_on(page: Element) -> str:
    return page.all("div", id="session")[0].attributes["data-session"]


def delete(visitor: httpx.Client, path: str, **headers: str) -> httpx.Response:
    return visitor.post(path, headers={"X-CSRFToken": visitor.cookies["csrftoken"], **headers})


def test_a_worker_says_that_it_is_well(visitor):
    """`/healthz` is cheap and short."""
    assert visitor.get("/healthz").text == "ok"


def test_every_answer_names_its_server_and_forbids_foreign_scripts(site, visitor):
    """Pages, redirects, files and errors alike."""
    for path in ("/healthz", "/", "/nothing-here", "/s/a.b"):
        headers = visitor.get(path).headers
        assert headers["Served-By"] == f"web.1/{site.pids()['web.1']}"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_the_first_page_is_a_new_session_of_ones_own(visitor):
    """It exists nowhere until something is said in it."""
    answer = visitor.get("/")
    page = parse(answer.text)
    session_id = answer.url.path.removeprefix("/s/")
    assert memory_id_on(page).endswith(f".{session_id}")
    assert page.all("h1")[0].text == "New session"
    assert answer.headers["Cache-Control"].startswith("max-age=0")


def test_the_cookie_holds_a_name_and_a_signature(visitor):
    """No Django session, no word of what was said."""
    visitor.get("/")
    assert set(visitor.cookies) <= {"owner", "csrftoken"}


def test_everything_comes_from_the_site_and_nothing_is_inline(visitor):
    """Every script and style is a hashed file that may be kept for good."""
    page = parse(visitor.get("/").text)
    addresses = [one.attributes["src"] for one in page.all("script")]
    addresses += [one.attributes["href"] for one in page.all("link")]
    assert len(addresses) >= 5
    for address in addresses:
        answer = visitor.get(address)
        assert answer.status_code == HTTPStatus.OK
        assert "immutable" in answer.headers["Cache-Control"]
    assert all(script.text == "" for script in page.all("script"))
    assert not [one for one in page.all() if {"style", "onclick", "onload"} & set(one.attributes)]


def test_a_session_shows_its_window(site, visitor):
    """What the memory server has is on the page before any socket opens, and cannot break out of it."""
    memory_id = memory_id_on(parse(visitor.get("/s/trip").text))
    remember(site, memory_id, "<b>hi</b> im bob", "Hello **Bob**")
    page = parse(visitor.get("/s/trip").text)
    window = page.all("ol", id="window")[0]
    assert [text.text for text in window.all(of="text")] == ["<b>hi</b> im bob", "Hello Bob"]
    assert window.all("b") == []


def test_another_visitor_has_another_session_of_that_name(site, visitor):
    """A foreign id names an empty session of one's own."""
    remember(site, memory_id_on(parse(visitor.get("/s/same").text)), "secret", "kept")
    with httpx.Client(base_url=site.url, trust_env=False) as other:
        assert "secret" not in other.get("/s/same").text


@pytest.mark.parametrize("session_id", ["a.b", "x" * 65, "%20", "caf%C3%A9"])
def test_a_malformed_session_id_gets_a_sentence(visitor, session_id):
    """400, and what an id may be."""
    for path in (f"/s/{session_id}", f"/s/{session_id}/earlier"):
        answer = visitor.get(path)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert "This session id is malformed." in answer.text


@pytest.mark.parametrize("before", ["zzz", "1-x", "-1"])
def test_a_stretch_that_cannot_be_is_the_clients_mistake(visitor, before):
    """400 and a sentence for the page; 503 is for a memory that is away."""
    answer = visitor.get("/s/trip/earlier", params={"before": before})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "#notice" in parse(answer.text).all("hx-partial")[0].attributes["hx-target"]


@pytest.mark.parametrize("path", ["/", "/visit", "/s/trip", "/s/trip/earlier", "/sessions?page=1"])
def test_a_page_of_a_visit_that_is_over_is_told_so(visitor, path):
    """Once the cookie names another owner the same address means something else: 409, and what to do."""
    visitor.get("/healthz")
    answer = visitor.get(path, headers={"Page-Owner": "somebody-before"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Reload the page to go on" in parse(answer.text).all("hx-partial")[0].text


def test_a_page_of_the_visit_that_goes_on_is_told_nothing(visitor):
    """204 for the owner that the page was made for, and for a page that does not tell."""
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    for told in ({"Page-Owner": owner}, {}):
        assert visitor.get("/visit", headers=told).status_code == HTTPStatus.NO_CONTENT


def test_a_browser_that_asks_for_an_icon_by_itself_gets_one(visitor):
    """Whatever page it shows."""
    icon = visitor.get("/favicon.ico", follow_redirects=True)
    assert icon.status_code == HTTPStatus.OK
    assert icon.headers["content-type"].startswith("image/svg+xml")


def test_a_page_of_a_visit_that_is_over_deletes_nothing(site, visitor):
    """Its session is not the one that the address names now."""
    remember_own(site, visitor, "kept")
    assert delete(visitor, "/s/kept/delete", **{"Page-Owner": "somebody-before"}).status_code == HTTPStatus.CONFLICT
    assert "kept" in parse(visitor.get("/").text).links()


def test_unknown_addresses_lead_back(visitor):
    """404 is a page of the site."""
    answer = visitor.get("/nothing-here")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert parse(answer.text).links() == {"Begin a new session": "/"}


def test_deleting_wants_a_token_of_the_site(visitor):
    """A foreign page cannot delete with the visitor's cookie."""
    visitor.get("/")
    refused = visitor.post("/s/trip/delete")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "reload the page and do it again" in refused.text
    assert parse(refused.text).links() == {"Begin a new session": "/"}
    assert visitor.get("/s/trip/delete").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_deleting_answers_with_the_list(site, visitor):
    """The page that shows the session is sent on; one that shows another is not."""
    for name in ("one", "two"):
        remember_own(site, visitor, name)
    kept = delete(visitor, "/s/one/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    (link,) = parse(kept.text).all("a")
    assert (link.text, link.attributes["aria-current"]) == ("two", "page")
    assert "HX-Location" not in kept.headers
    gone = delete(visitor, "/s/two/delete", **{"HX-Request": "true", "HX-Current-URL": f"{site.url}/s/two"})
    assert "No session yet." in gone.text
    place = {"target": "#session", "select": "#session", "swap": "outerHTML"}
    assert json.loads(gone.headers["HX-Location"]) == {"path": "/", **place}
    for answer in (kept, gone):
        assert json.loads(answer.headers["HX-Trigger"]) == {"stale": {"target": "body"}}


def remember_own(site: Site, visitor: httpx.Client, name: str) -> None:
    """A session of the visitor's, listed among theirs."""
    memory_id = memory_id_on(parse(visitor.get(f"/s/{name}").text))
    namespace = f"chat.{memory_id.split('.')[0]}"
    httpx.post(
        f"{site.record()['memory']}/sessions/{memory_id}/memory",
        params={"namespace": namespace},
        json={"messages": [{"role": "Human", "content": name}]},
        trust_env=False,
    ).raise_for_status()


def test_long_lists_come_a_page_at_a_time(site, visitor):
    """The button brings the list with another page, and the last page has none."""
    for number in range(SESSIONS_A_PAGE + 2):
        remember_own(site, visitor, f"s{number}")
    first = parse(visitor.get("/").text)
    assert len(first.all("ul", id="sessions")[0].links()) == SESSIONS_A_PAGE
    (button,) = first.all("li", id="more-sessions")[0].all("button")
    rest = parse(visitor.get(button.attributes["hx-get"]).text)
    assert set(rest.links()) == {f"s{number}" for number in range(SESSIONS_A_PAGE + 2)}
    assert rest.all("button", of="wide") == []


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "1e9", "999999999999", "²", "9" * 5000])
def test_a_page_that_cannot_be_is_refused(visitor, page):
    """400, not an error of the memory server."""
    assert visitor.get("/sessions", params={"page": page}).status_code == HTTPStatus.BAD_REQUEST


# --- Staff --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory_id", ODD_IDS[:-1])
def test_staff_read_any_session_whatever_its_id(site, memory_id):
    """Ids of other clients hold any characters; the page shows them as text."""
    path = httpx.URL(site.record()["memory"]).join("/sessions/")
    quoted = "".join(f"%{byte:02X}" for byte in memory_id.encode())
    body = {"messages": [{"role": "Human", "content": f"said in {memory_id}"}]}
    httpx.post(f"{path}{quoted}/memory", json=body, trust_env=False).raise_for_status()
    with signed_in(site, "viewer") as staff:
        page = parse(staff.get("/any", params={"id": memory_id}).text)
    assert page.all("ol", id="window")[0].all(of="text")[0].text == f"said in {memory_id}".strip()
    assert page.all("textarea") == []
    assert "hx-ws:connect" not in page.all("div", id="session")[0].attributes


def test_staff_read_a_session_under_its_own_title(site, visitor):
    """A visitor's and a foreign client's by its first words; where no list tells them it is a session, no new one."""
    remember_own(site, visitor, "madrid")
    remember(site, "foreign", "bees in Sintra")
    owner = parse(visitor.get("/").text).all("body")[0].attributes["data-owner"]
    titles = {f"{owner}.madrid": "madrid", "foreign": "bees in Sintra", "unknown": "Session"}
    with signed_in(site, "viewer") as staff:
        for memory_id, title in titles.items():
            page = parse(staff.get("/any", params={"id": memory_id}).text)
            assert (memory_id, page.all("h1")[0].text) == (memory_id, title)


def test_a_foreign_host_is_refused_in_words(site):
    """A person who came by a wrong name reads a sentence, and nobody can fill the log with them."""
    before = site.log.read_text()
    answer = httpx.get(site.url, headers={"Host": "elsewhere.example"}, trust_env=False)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "use the address that the site was given" in parse(answer.text).all("main")[0].text
    assert "DisallowedHost" not in site.log.read_text().removeprefix(before)


def test_no_memory_id_is_no_page(site):
    """An address that names no session is the asker's mistake, not an outage."""
    with signed_in(site, "viewer") as staff:
        assert staff.get("/any?id=").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/any?id=x", "/any/earlier?id=x"])
def test_only_staff_who_may_view_sessions_read_others(site, visitor, path):
    """A visitor is asked to sign in or refused, and so is staff without the permission."""
    with httpx.Client(base_url=site.url, trust_env=False) as nobody:
        assert nobody.get(path).status_code in {HTTPStatus.FOUND, HTTPStatus.FORBIDDEN}
    with signed_in(site, "nothing") as staff:
        assert staff.get(path).status_code == HTTPStatus.FORBIDDEN
