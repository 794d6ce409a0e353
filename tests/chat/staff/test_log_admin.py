"""The admin's log of opened and deleted sessions, on a whole site."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from http import HTTPStatus

import httpx

from chat.web.audit import digest_of
from tests.chat.page.views.sessions import remember
from tests.support.html import Element, parse
from tests.support.servers import Site
from tests.support.staff import Staff

LOG = "/admin/admin/logentry/"


def entries(staff: Staff, **query: str) -> list[list[str]]:
    """User, action and object of the log's entries, newest first."""
    page: Element = parse(staff.get(LOG, params=query).text)
    return [row[1:] for row in page.all("table", id="result_list")[0].rows()]


def test_who_opened_a_session_is_in_the_log(site: Site, signed: Callable[[str | None], Staff]) -> None:
    """Opened in the admin or read as a page, and deleted; further pages of the same session are not noted again."""
    support, root = signed("support"), signed("root")
    for memory_id in ("bob.mine", "eve.mine"):
        remember(site, memory_id, "a secret")
    support.get("/admin/chat/session/bob.mine/change/")
    support.get("/admin/chat/session/bob.mine/change/?before=1")
    support.get("/any", params={"id": "bob.mine"})
    support.get("/any", params={"id": "eve.mine"})
    support.submit("/admin/chat/session/bob.mine/delete/", post="yes")
    assert support.get(LOG).status_code == HTTPStatus.FORBIDDEN
    shown = f"session {digest_of('bob.mine')}"
    actions = ["Deleted", "Opened.", "Opened."]
    assert entries(root, q="bob.mine") == [["support", action, shown] for action in actions]
    assert len([entry for entry in entries(root) if entry[0] == "support"]) == len(actions) + 1
    link = root.get(f"/admin/chat/session/{digest_of('eve.mine')}/change/")
    assert (link.status_code, httpx.URL(link.headers["Location"]).path) == (HTTPStatus.FOUND, LOG)


def test_the_log_cannot_be_changed_and_has_no_ids(site: Site, signed: Callable[[str | None], Staff]) -> None:
    """Neither by a superuser nor in Django's database."""
    root = signed("root")
    remember(site, "canary7f3qz.mine", "a secret")
    root.get("/any", params={"id": "canary7f3qz.mine"})
    root.submit("/admin/chat/session/canary7f3qz.mine/delete/", post="yes")
    assert root.get(f"{LOG}add/").status_code == HTTPStatus.FORBIDDEN
    assert root.submit(f"{LOG}1/delete/", post="yes").status_code == HTTPStatus.FORBIDDEN
    found = subprocess.run(["grep", "-rl", "canary7f3qz.mine", site.data / "db.sqlite3"], check=False)
    assert found.returncode == 1
