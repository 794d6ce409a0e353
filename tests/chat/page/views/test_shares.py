"""Links to a visitor's sessions: made, listed and revoked."""

from __future__ import annotations

from http import HTTPStatus

import httpx

from tests.chat.page.views.sessions import memory_id_on, remember_own
from tests.support.cookies import csrf_token
from tests.support.html import parse
from tests.support.servers import Site


def post(visitor: httpx.Client, path: str, **data: str) -> httpx.Response:
    return visitor.post(path, data=data, headers={"X-CSRFToken": csrf_token(visitor)})


def make_link(visitor: httpx.Client, name: str) -> str:
    """The path of a new link to the session."""
    (address,) = parse(post(visitor, f"/s/{name}/share").text).all("code", id="share-address")
    return httpx.URL(address.text).path


def revocations(visitor: httpx.Client, path: str = "/shares") -> list[str]:
    """The addresses that revoke the links in a dialog."""
    posts = (button.attributes.get("hx-post", "") for button in parse(visitor.get(path).text).all("button"))
    return [address for address in posts if "/revoke" in address]


def test_a_link_is_made_listed_and_revoked(site: Site, visitor: httpx.Client) -> None:
    """It opens the session without the visitor's cookie, until then."""
    remember_own(site, visitor, "Madrid")
    remember_own(site, visitor, "Berlin")
    link = make_link(visitor, "Madrid")
    make_link(visitor, "Berlin")
    assert httpx.get(site.url + link, trust_env=False).status_code == HTTPStatus.OK
    assert [len(revocations(visitor, path)) for path in ("/s/Madrid/share", "/s/Oslo/share", "/shares")] == [1, 0, 2]
    left = post(visitor, revocations(visitor, "/s/Madrid/share")[0], session="Madrid").text
    assert "There is no link to this session." in left
    assert httpx.get(site.url + link, trust_env=False).status_code == HTTPStatus.NOT_FOUND
    assert len(revocations(visitor)) == 1


def test_nothing_is_done_to_the_sessions_of_others(site: Site, visitor: httpx.Client) -> None:
    """A foreign id names another session of one's own, and a foreign link cannot be revoked."""
    remember_own(site, visitor, "Madrid")
    link = make_link(visitor, "Madrid")
    (revoke,) = revocations(visitor)
    with httpx.Client(base_url=site.url, trust_env=False, follow_redirects=True, timeout=60) as other:
        other.get("/")
        foreign = memory_id_on(parse(visitor.get("/s/Madrid").text))
        for name in ("Madrid", foreign):
            assert post(other, f"/s/{name}/share").status_code == HTTPStatus.BAD_REQUEST
        post(other, revoke)
        assert revocations(other) == []
    assert httpx.get(site.url + link, trust_env=False).status_code == HTTPStatus.OK


def test_links_end_with_their_session(site: Site, visitor: httpx.Client) -> None:
    """It is deleted on the page, and begun again."""
    remember_own(site, visitor, "Madrid")
    link = make_link(visitor, "Madrid")
    post(visitor, "/s/Madrid/delete")
    remember_own(site, visitor, "Madrid")
    assert httpx.get(site.url + link, trust_env=False).status_code == HTTPStatus.NOT_FOUND
    assert revocations(visitor) == []


def test_an_empty_session_cannot_be_shared(visitor: httpx.Client) -> None:
    """A sentence in the dialog says so."""
    visitor.get("/")
    answer = post(visitor, "/s/nothing/share")
    assert (answer.status_code, "nothing to share" in answer.text) == (HTTPStatus.BAD_REQUEST, True)


def test_other_sites_and_ended_visits_make_no_links(site: Site, visitor: httpx.Client) -> None:
    """Nor do they list or revoke any."""
    remember_own(site, visitor, "Madrid")
    make_link(visitor, "Madrid")
    (revoke,) = revocations(visitor)
    ended = {"Page-Owner": "somebody-before"}
    for path in ("/s/Madrid/share", revoke):
        assert visitor.post(path).status_code == HTTPStatus.FORBIDDEN
        headers = {"X-CSRFToken": csrf_token(visitor), **ended}
        assert visitor.post(path, headers=headers).status_code == HTTPStatus.CONFLICT
    for path in ("/s/Madrid/share", "/shares"):
        assert visitor.get(path, headers=ended).status_code == HTTPStatus.CONFLICT
    assert visitor.get(revoke).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert len(revocations(visitor)) == 1
