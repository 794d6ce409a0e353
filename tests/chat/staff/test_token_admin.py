"""Bearer tokens in the admin, on a whole site."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest

from tests.support.html import parse
from tests.support.servers import PATIENCE, Site, running, start_site
from tests.support.staff import Staff, make_staff, manage, signed_in

LIST = "/admin/chat/token/"
PERMISSIONS = {
    "nothing": [],
    "viewer": ["view_token"],
    "keeper": ["view_token", "add_token", "delete_token"],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one staff account per set of permissions."""
    with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1")) as site:
        assert isinstance(site, Site)
        make_staff(site, PERMISSIONS)
        yield site


def listed(staff: Staff) -> list[list[str]]:
    """Name, id and owner of the tokens in the list."""
    tables = parse(staff.get(LIST).text).all("table", id="result_list")
    return [row[:3] for row in tables[0].rows()] if tables else []


def status_with(site: Site, token: str) -> int:
    """The status of the answer to a request for a ticket."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{site.url}/api/ticket", headers=headers, trust_env=False, timeout=30 * PATIENCE).status_code


def test_a_token_is_issued_listed_and_revoked(site: Site) -> None:
    """It is shown once, works until it is revoked, and the log has who did what."""
    with signed_in(site, "keeper") as staff:
        issued = staff.submit(f"{LIST}add/", name="our shop", owner="alice", days="2")
        assert "no-store" in issued.headers["Cache-Control"]
        token = parse(issued.text).all("pre", id="token")[0].text
        assert status_with(site, token) == HTTPStatus.OK
        token_id = token.split(".")[2]
        assert listed(staff) == [["our shop", token_id, "alice"]]
        assert token not in staff.get(LIST).text
        assert token_id in manage(site, "list_tokens")
        asked = parse(staff.get(f"{LIST}{token_id}/delete/").text)
        assert "our shop" in asked.all("div", id="content-main")[0].text
        assert listed(staff)
        assert staff.submit(f"{LIST}{token_id}/delete/").headers["Location"] == LIST
        assert listed(staff) == []
        actions = parse(staff.get("/admin/").text).all("ul", of="actionlist")[0].text
        assert actions.count(f"token {token_id} (our shop)") == 2
        staff.submit(f"{LIST}{token_id}/delete/")
        assert "There is no such token" in staff.get(LIST).text
    assert status_with(site, token) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("fields", [{"name": ""}, {"owner": "a.b"}, {"days": "0"}, {"days": "x"}])
def test_a_token_that_cannot_be_is_refused_on_the_form(site: Site, fields: dict[str, str]) -> None:
    """Nothing is issued."""
    with signed_in(site, "keeper") as staff:
        answer = staff.submit(f"{LIST}add/", **({"name": "x", "owner": "", "days": "1"} | fields))
        assert parse(answer.text).all("ul", of="errorlist")
        assert listed(staff) == []


def test_permissions_decide_who_may_do_what(site: Site) -> None:
    """Without them, tokens are neither listed nor issued nor revoked."""
    token_id = manage(site, "issue_token", "--name", "kept").split(".")[2]
    for name, statuses in {"nothing": (403, 403, 403), "viewer": (200, 403, 403)}.items():
        with signed_in(site, name) as staff:
            addresses = (LIST, f"{LIST}add/", f"{LIST}{token_id}/delete/")
            assert tuple(staff.get(address).status_code for address in addresses) == statuses
            staff.get("/admin/login/")  # for the form's token
            assert staff.submit(f"{LIST}{token_id}/delete/").status_code == HTTPStatus.FORBIDDEN
    assert token_id in manage(site, "list_tokens")
    manage(site, "revoke_token", token_id)
