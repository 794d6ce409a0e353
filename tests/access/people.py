"""Everybody who might ask, around one owner whose session ``trip`` has something to hide."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import httpx

from tests.chat.api.v1.callers import Caller
from tests.support.cookies import csrf_token, owner_of
from tests.support.servers import PATIENCE, Site
from tests.support.staff import PASSWORD, signed_in

#: What only its owner may see.
SECRET = "the secret of the owner"
EVIL = "https://evil.example"


class People:
    """The owner has signed up; another visitor and staff have cookies of their own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._held = ExitStack()
        self.browser = self._browser()
        self._sign("up", username="anna", password1=PASSWORD, password2=PASSWORD)
        self.other = self._browser()
        self.other.get("/s/first")
        self.owner = self._held.enter_context(Caller(site, owner_of(self.browser.cookies[site.cookies.owner])))
        self.stranger = self._held.enter_context(Caller(site, "a-stranger"))
        self.staff = self._held.enter_context(signed_in(site, "root"))
        self.share = ""
        self.secret = ""

    def close(self) -> None:
        """Close the connections."""
        self._held.close()

    def reset(self) -> None:
        """Make the owner's session as it was, and sign the owner in."""
        if self.browser.get("/account/sign-in", follow_redirects=False).status_code != httpx.codes.FOUND:
            self._sign("in", username="anna", password=PASSWORD)
        self.other.get("/s/first")
        for session in ("trip", "fork"):
            self.owner.delete(f"/sessions/{session}").raise_for_status()
        for share in self.owner.get("/shares").json()["links"]:
            self.owner.delete(f"/shares/{share['id']}").raise_for_status()
        self.owner.remember("trip", f"hi, {SECRET}", "Hello.", f"bye, {SECRET}", "Bye.", key="t1")
        self.owner.put("/sessions/trip/summary", json={"text": SECRET}, headers={"If-Match": "*"}).raise_for_status()
        shared = self.owner.post("/sessions/trip/shares").raise_for_status().json()
        self.share, self.secret = shared["id"], str(shared["url"]).rpartition("/")[2]

    def tag(self) -> str:
        """That of the owner's summary."""
        return str(self.owner.get("/sessions/trip/summary").headers["ETag"].removeprefix("W/"))

    def state(self) -> Any:
        """What somebody might change of the owner's."""
        return self.owner.memory("trip"), self.owner.get("/sessions").json(), self.owner.get("/shares").json()

    def headers_of(self, credential: str) -> dict[str, str]:
        """What a browser or a program with this credential sends; a browser, its token against forged requests too."""
        match credential:
            case "none":
                return {}
            case "token":
                return {"Authorization": self.owner.headers["Authorization"]}
            case "foreign page":
                return self._cookies(self.browser) | {"Origin": EVIL}
        browser = {"cookie": self.browser, "other cookie": self.other, "staff": self.staff}[credential]
        return self._cookies(browser) | {"Origin": self.site.url, "X-CSRFToken": csrf_token(browser)}

    def _cookies(self, browser: httpx.Client) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}

    def _browser(self) -> httpx.Client:
        options: Any = {"base_url": self.site.url, "trust_env": False, "timeout": 60 * PATIENCE}
        return self._held.enter_context(httpx.Client(follow_redirects=True, **options))

    def _sign(self, way: str, **fields: str) -> None:
        self.browser.get(f"/account/sign-{way}")
        fields |= {"csrfmiddlewaretoken": csrf_token(self.browser)}
        answer = self.browser.post(f"/account/sign-{way}", data=fields)
        assert "/s/" in str(answer.url), answer.text
