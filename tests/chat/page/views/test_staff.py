"""The page of any session, only for staff who may view sessions."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest

from tests.support.html import parse
from tests.support.staff import signed_in

ODD_IDS = ["a/b", "..", "..%2F..", "%2F", "a?b=c&d#e", "<script>alert(1)</script>", "Möt 日本", "two\nlines", ""]


@pytest.mark.parametrize("memory_id", ODD_IDS[:-1])
def test_staff_read_any_session_whatever_its_id(site, memory_id):
    """Other clients' ids may have any characters; the page escapes them."""
    path = httpx.URL(site.record()["memory"]).join("/sessions/")
    quoted = "".join(f"%{byte:02X}" for byte in memory_id.encode())
    body = {"messages": [{"role": "Human", "content": f"said in {memory_id}"}]}
    httpx.post(f"{path}{quoted}/memory", json=body, trust_env=False).raise_for_status()
    with signed_in(site, "viewer") as staff:
        page = parse(staff.get("/any", params={"id": memory_id}).text)
        address = page.all("div", id="session")[0].attributes["data-messages"]
        assert staff.get(f"{address}1").text == f"said in {memory_id}"
    assert page.all("ol", id="window")[0].all(of="text")[0].text == f"said in {memory_id}".strip()
    assert page.all("textarea") == []
    assert "hx-ws:connect" not in page.all("div", id="session")[0].attributes


def test_an_address_without_a_memory_id_is_not_found(site):
    """It is an error of the client, not an outage."""
    with signed_in(site, "viewer") as staff:
        assert staff.get("/any?id=").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/any?id=x", "/any/earlier?id=x", "/any/message?id=x&message=1"])
def test_only_staff_who_may_view_sessions_read_others(site, visitor, path):
    """Visitors are asked to sign in or refused; staff without the permission are refused."""
    with httpx.Client(base_url=site.url, trust_env=False) as nobody:
        assert nobody.get(path).status_code in {HTTPStatus.FOUND, HTTPStatus.FORBIDDEN}
    with signed_in(site, "nothing") as staff:
        assert staff.get(path).status_code == HTTPStatus.FORBIDDEN
