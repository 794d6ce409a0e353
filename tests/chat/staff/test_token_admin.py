"""Bearer tokens in the admin, on a whole site."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import httpx
import pytest

from tests.support.html import parse
from tests.support.servers import PATIENCE, Site
from tests.support.staff import Staff, manage

LIST = "/admin/chat/token/"


@pytest.fixture
def keeper(signed: Callable[[str | None], Staff]) -> Staff:
    """A member of staff who may issue and revoke tokens."""
    return signed("token keeper")


def listed(staff: Staff) -> list[list[str]]:
    """Name, id and owner of the tokens in the list."""
    tables = parse(staff.get(LIST).text).all("table", id="result_list")
    return [row[:3] for row in tables[0].rows()] if tables else []


def status_with(site: Site, token: str) -> int:
    """The status of the answer to a request for a ticket."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{site.url}/api/ticket", headers=headers, trust_env=False, timeout=30 * PATIENCE).status_code


def test_a_token_is_issued_listed_and_revoked(site: Site, keeper: Staff) -> None:
    """It is shown once, works until it is revoked, and the log has who did what."""
    issued = keeper.submit(f"{LIST}add/", name="our shop", owner="alice", days="2")
    assert "no-store" in issued.headers["Cache-Control"]
    token = parse(issued.text).all("pre", id="token")[0].text
    assert status_with(site, token) == HTTPStatus.OK
    token_id = token.split(".")[2]
    assert listed(keeper) == [["our shop", token_id, "alice"]]
    assert token not in keeper.get(LIST).text
    assert token_id in manage(site, "list_tokens")
    asked = parse(keeper.get(f"{LIST}{token_id}/delete/").text)
    assert "our shop" in asked.all("div", id="content-main")[0].text
    assert listed(keeper)
    assert keeper.submit(f"{LIST}{token_id}/delete/").headers["Location"] == LIST
    assert listed(keeper) == []
    actions = parse(keeper.get("/admin/").text).all("ul", of="actionlist")[0].text
    assert actions.count(f"token {token_id} (our shop)") == 2
    keeper.submit(f"{LIST}{token_id}/delete/")
    assert "There is no such token" in keeper.get(LIST).text
    assert status_with(site, token) == HTTPStatus.UNAUTHORIZED


def test_a_token_of_a_service_is_issued_with_its_limits(keeper: Staff) -> None:
    """The list says for what it may be used, and by whose pages."""
    limits = {"is_service": "on", "scopes": "turns", "origins": "https://app.example"}
    limits |= {"turns_per_minute": "3", "calls_per_minute": "90"}
    keeper.submit(f"{LIST}add/", name="acme's server", owner="acme", days="1", **limits)
    page = keeper.get(LIST).text
    assert "acme_*" in page
    assert "turns<br>https://app.example<br>3 turns a minute<br>90 calls a minute" in page
    keeper.submit(f"{LIST}{listed(keeper)[0][1]}/delete/")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"owner": "a.b"},
        {"days": "0"},
        {"days": "x"},
        {"turns_per_minute": "-1"},
        {"origins": "app.example"},
        {"scopes": "fly"},
        {"is_service": "on"},
        {"is_service": "on", "owner": "a_b"},
    ],
)
def test_a_token_that_cannot_be_is_refused_on_the_form(keeper: Staff, fields: dict[str, str]) -> None:
    """Nothing is issued."""
    answer = keeper.submit(f"{LIST}add/", **({"name": "x", "owner": "", "days": "1"} | fields))
    assert parse(answer.text).all("ul", of="errorlist")
    assert listed(keeper) == []


def test_permissions_decide_who_may_do_what(keeper: Staff, signed: Callable[[str | None], Staff]) -> None:
    """Without them, tokens are neither listed nor issued nor revoked."""
    issued = keeper.submit(f"{LIST}add/", name="kept", owner="", days="2")
    token_id = parse(issued.text).all("pre", id="token")[0].text.split(".")[2]
    for name, statuses in {"nothing": (403, 403, 403), "token viewer": (200, 403, 403)}.items():
        staff = signed(name)
        addresses = (LIST, f"{LIST}add/", f"{LIST}{token_id}/delete/")
        assert tuple(staff.get(address).status_code for address in addresses) == statuses
        staff.get("/admin/login/")  # for the form's token
        assert staff.submit(f"{LIST}{token_id}/delete/").status_code == HTTPStatus.FORBIDDEN
    assert [row[:2] for row in listed(keeper)] == [["kept", token_id]]
    keeper.submit(f"{LIST}{token_id}/delete/")
